/** `rouse audit`: who asked for what, what was refused, and what was done by rule; and whether that record is whole. */
import { resolve } from 'node:path';
import { headOfText } from '../contract/api-audit.ts';
import type { AuditHead, AuditQuery } from '../model/audit.ts';
import { type AuditSource, type VerifyWish, openAudit } from './audit-source.ts';
import { checkFields, printJson } from './json.ts';
import { AUDIT_KEYS, AUDIT_VERDICT_KEYS } from './keys.ts';
import { momentOf } from './moment.ts';
import { type Options, usage } from './options.ts';
import { projectOf } from './project.ts';
import { auditLine, verdictScreen } from './render/audit.ts';
import { type Session, note, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[action]',
  examples: [
    ['rouse audit', 'the last 100 records, the newest last'],
    ['rouse audit --since 1h --denied', 'what was refused within the last hour'],
    ['rouse audit --target web --action "service.*"', 'what was done to web, by whom'],
    ['rouse audit verify', 'whether records were changed, removed, or cut off'],
    ['rouse audit head', 'the last record as SEQ:HASH: keep it on another machine'],
    ['rouse audit verify --expect-head SEQ:HASH', 'compare with what was kept there'],
    ['rouse audit path', 'the file'],
  ],
  flags: [
    { spelling: '-n, --lines <number>', text: 'the last so many (100)' },
    { spelling: '--since <when>', text: 'from then on: a duration such as 10m, or a time of RFC 3339' },
    { spelling: '--until <when>', text: 'up to then' },
    { spelling: '--action <word>', text: 'only this action, e.g. service.stop or token.*' },
    { spelling: '--target <name>', text: 'only about this service, token or change' },
    { spelling: '--actor <name>', text: 'only by this token (name or id) or uid' },
    { spelling: '--denied', text: 'only what was refused' },
    { spelling: '--expect-head <seq:hash>', text: 'verify: a record that was noted elsewhere' },
    { spelling: '--from <file>', text: 'verify: these files alone, oldest first; repeated', many: 'list' },
    {
      spelling: '--anchors <file>',
      text: 'verify: also the anchors in this file, e.g. of a log; repeated',
      many: 'list',
    },
  ],
  exits: [
    [0, 'printed; verify: whole'],
    [1, 'verify: records were edited, removed, reordered or written anew'],
    [2, 'wrong command line, or a file cannot be read'],
    [3, 'verify: the end is missing'],
  ],
  run,
};

const ACTIONS = ['list', 'path', 'verify', 'head'] as const;
const LINES = 100;
const EXITS = { whole: 0, tampered: 1, truncated: 3 } as const;

async function run(session: Session, { args, options }: Input): Promise<number> {
  const [word = 'list', ...more] = args;
  if (more.length > 0) throw usage(`cannot read "${more.join(' ')}": one action is taken`, 'rouse audit --help');
  const action = ACTIONS.find((known) => known === word);
  if (action === 'verify') checkFields(session, AUDIT_VERDICT_KEYS);
  else checkFields(session, AUDIT_KEYS);
  switch (action) {
    case 'list':
      return list(session, options);
    case 'path':
      printLines(session, [(await projectOf(session)).paths.audit]);
      return 0;
    case 'head':
      return head(session);
    case 'verify':
      return verify(session, wishOf(session, options));
    case undefined:
      throw usage(`cannot do "audit ${word}": there is no such action`, `one of: ${ACTIONS.join(', ')}`);
    default:
      return action satisfies never;
  }
}

async function list(session: Session, options: Options): Promise<number> {
  const query = queryOf(session, options);
  using source = await openAudit(session);
  const records = (await source.records(query)).toReversed();
  if (session.flags.json !== null) printJson(session, records, AUDIT_KEYS);
  else if (records.length === 0) note(session, ['nothing of that is on record']);
  else {
    const layout = { style: session.out.style, times: session.out.stream === 'terminal' ? 'local' : 'utc' } as const;
    printLines(
      session,
      records.map((record) => auditLine(record, layout)),
    );
  }
  return 0;
}

function queryOf(session: Session, options: Options): AuditQuery {
  const now = session.clock.now();
  const limit = options.count('lines') ?? LINES;
  return {
    before: null,
    limit,
    since: momentOf('since', options.text('since'), now),
    until: momentOf('until', options.text('until'), now),
    action: options.text('action'),
    target: options.text('target'),
    actor: options.text('actor'),
    stage: options.isOn('denied') ? 'denied' : null,
  };
}

async function head(session: Session): Promise<number> {
  using source = await openAudit(session);
  const { seq, hash } = await source.head();
  if (session.flags.json === null) printLines(session, [`${seq}:${hash}`]);
  else session.out.write(`${JSON.stringify({ seq, hash })}\n`);
  return 0;
}

function wishOf(session: Session, options: Options): VerifyWish {
  const absolute = (name: string): readonly string[] => options.texts(name).map((file) => resolve(session.cwd, file));
  return { expected: expectedOf(options.text('expectHead')), from: absolute('from'), anchorFiles: absolute('anchors') };
}

function expectedOf(text: string | null): AuditHead | null {
  const found = text === null ? null : headOfText(text);
  if (text === null || found !== null) return found;
  throw usage(`cannot read --expect-head: "${text}" is not SEQ:HASH`, 'give what rouse audit head has printed');
}

async function verify(session: Session, wish: VerifyWish): Promise<number> {
  using source: AuditSource = await openAudit(session);
  const verdict = await source.verify(wish);
  if (session.flags.json === null) printLines(session, verdictScreen(verdict));
  else printJson(session, verdict, AUDIT_VERDICT_KEYS);
  return EXITS[verdict.verdict];
}
