/** `rouse graph`: who needs whom, as a tree, Mermaid, Graphviz or JSON. */
import type { ApiGraph } from '../contract/api-graph.ts';
import type { ApiService } from '../contract/api-service.ts';
import { NotFoundError } from '../model/errors.ts';
import { connect } from './connection.ts';
import { checkFields, printJson } from './json.ts';
import { GRAPH_KEYS } from './keys.ts';
import { unknownService } from './names.ts';
import { type Drawing, graphDot, graphMermaid, graphTree, partOf } from './render/graph.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

const FORMATS = ['tree', 'mermaid', 'dot', 'json'] as const;

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse graph', 'a tree: who needs whom'],
    ['rouse graph --live', 'with the state of each'],
    ['rouse graph --format mermaid > graph.md', 'for a document'],
    ['rouse graph --reverse db', 'who needs db?'],
  ],
  flags: [
    { spelling: '--format <format>', text: 'how it is drawn (tree)', choices: FORMATS },
    { spelling: '--live', text: 'with the state of each service' },
    { spelling: '--critical', text: 'mark the longest chain' },
    { spelling: '--to <service>', text: 'only what this would bring along', many: 'list' },
    { spelling: '--reverse <service>', text: 'only what needs this', many: 'list' },
  ],
  exits: [
    [0, 'printed'],
    [4, 'no such service'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, GRAPH_KEYS);
  const format = session.flags.json === null ? options.choice('format', FORMATS) : 'json';
  const { graph: whole, live } = await known(session, options.isOn('live') ? 'live' : 'declared');
  const needs = [...args, ...options.texts('to')];
  const needed = options.texts('reverse');
  for (const name of [...needs, ...needed]) if (!whole.services.includes(name)) throw notThere(name, whole.services);
  const part = needs.length > 0 ? partOf(whole, needs, 'needs') : whole;
  const graph = needed.length > 0 ? partOf(part, needed, 'needed') : part;
  if (format === 'json') printJson(session, graph, GRAPH_KEYS);
  else
    printLines(
      session,
      draw(session, { graph, live, critical: options.isOn('critical') ? 'marked' : 'plain' }, format),
    );
  return 0;
}

function notThere(name: string, known: readonly string[]): NotFoundError {
  const error = unknownService(name, known);
  const isFormat = FORMATS.some((format) => format === name);
  return isFormat ? new NotFoundError('RSE4001', error.message, { ...error.fields, hint: `--format ${name}` }) : error;
}

function draw(session: Session, drawing: Drawing, format: 'tree' | 'mermaid' | 'dot'): string[] {
  switch (format) {
    case 'tree':
      return graphTree(drawing, session.out.style);
    case 'mermaid':
      return graphMermaid(drawing);
    case 'dot':
      return graphDot(drawing);
    default:
      return format satisfies never;
  }
}

/** The graph of the running project with `--live` or `-p`, else of the file. */
async function known(
  session: Session,
  source: 'live' | 'declared',
): Promise<{ readonly graph: ApiGraph; readonly live: readonly ApiService[] }> {
  if (source === 'declared' && session.flags.project === null && session.flags.host === null) {
    const { graphOffline } = await import('./offline.ts');
    return { graph: await graphOffline(session), live: [] };
  }
  using connection = await connect(session);
  const { client } = connection;
  return { graph: await client.plans.graph(), live: source === 'live' ? await client.services.list() : [] };
}
