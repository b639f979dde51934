/** Answers what the completion scripts ask: `rouse complete -- WORDS`. */
import { constants } from 'node:os';
import { RootCommand } from '@bomb.sh/tab';
import type { ApiService } from '../contract/api-service.ts';
import { connect } from './connection.ts';
import { type Flag, GLOBAL_FLAGS } from './flags.ts';
import { escapeLine } from './render/escape.ts';
import { TOPICS } from './render/help.ts';
import { stateText } from './render/words.ts';
import type { Session } from './session.ts';
import type { Verb } from './verb.ts';
import { VERBS, type VerbName } from './verbs.ts';

const PATIENCE_MS = 300;

/** Prints the candidates for the last word. `load` gives a verb's own flags. Never fails: then there are none. */
export async function complete(
  session: Session,
  words: readonly string[],
  load: (name: VerbName) => Promise<Verb>,
): Promise<number> {
  const root = new RootCommand();
  const typed = VERBS.find(({ name }) => words.includes(name));
  const services = typed === undefined ? [] : await servicesOrNone(session);
  for (const { name, summary } of VERBS) {
    const command = root.command(name, summary);
    if (name !== typed?.name) continue;
    const verb = await load(name);
    addFlags(command, [...verb.flags, ...GLOBAL_FLAGS]);
    const candidates = argumentsOf(name, verb, services);
    command.argument(
      'target',
      (offer) => {
        for (const [value, description] of candidates) offer(value, description);
      },
      verb.usage.includes('...'),
    );
  }
  addFlags(root, GLOBAL_FLAGS);
  root.parse([...words]);
  return 0;
}

type Candidate = readonly [value: string, description: string];

function argumentsOf(name: VerbName, verb: Verb, services: readonly ApiService[]): readonly Candidate[] {
  if (name === 'help')
    return [
      ...VERBS.map((row): Candidate => [row.name, row.summary]),
      ...TOPICS.map((topic): Candidate => [topic.name, 'topic']),
    ];
  if (name === 'daemon') return ['start', 'stop', 'status', 'restart', 'logs'].map((word) => [word, '']);
  if (name === 'token') return ['new', 'ls', 'revoke'].map((word) => [word, '']);
  if (name === 'audit') return ['list', 'path', 'verify', 'head'].map((word) => [word, '']);
  if (name === 'completion') return ['bash', 'zsh', 'fish', 'powershell'].map((word) => [word, '']);
  const takesService = /service|task|target/.test(verb.usage);
  const named = takesService
    ? services.map((service): Candidate => [escapeLine(service.name), escapeLine(stateText(service))])
    : [];
  return name === 'signal'
    ? [...Object.keys(constants.signals).map((word): Candidate => [word.slice(3), 'signal']), ...named]
    : named;
}

function addFlags(
  command: { option(value: string, description: string, alias?: string): unknown },
  flags: readonly Flag[],
): void {
  for (const { spelling, text } of flags) {
    const long = /--([a-z-]+)/.exec(spelling)?.[1];
    const letter = /^-(\w)/.exec(spelling)?.[1];
    if (long !== undefined) command.option(long, text, letter);
  }
}

// Who completes waits for the prompt: without a daemon, or with a slow one, there are simply no names.
async function servicesOrNone(session: Session): Promise<readonly ApiService[]> {
  try {
    using connection = await connect(session);
    const none = new Promise<readonly ApiService[]>((resolve) => session.clock.after(PATIENCE_MS, () => resolve([])));
    return await Promise.race([connection.client.services.list(), none]);
  } catch {
    return [];
  }
}
