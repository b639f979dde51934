/** The screens of the help: all verbs, one verb, the topics. */
import { ERRORS } from '../../model/errors.ts';
import { type Flag, GLOBAL_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';
import { GROUPS, VERBS, type VerbName, aliasesOf } from '../verbs.ts';
import { type Style, glyph, paint, stateGlyphs } from './style.ts';
import { pad } from './width.ts';

/** What `rouse` alone prints: examples first, then every verb by group. */
export function overview(style: Style): string[] {
  const width = Math.max(...VERBS.map(({ name }) => name.length));
  const groups = GROUPS.flatMap((group) => [
    '',
    paint(style, 'strong', group),
    ...VERBS.filter((row) => row.group === group).map(({ name, summary }) => `  ${pad(name, width)}  ${summary}`),
  ]);
  return [
    'rouse: bring services up in order, keep them up, and say why when they are not',
    '',
    '  rouse init              write a rouse.toml from what is in this folder',
    '  rouse up                start everything and wait until it is ready',
    '  rouse explain web       why is web in its state?',
    ...groups,
    '',
    'Flags for every verb: rouse help flags · topics: exit-codes, environment, files, json, states, colors',
    'One verb: rouse help VERB, or -h at the end of any line',
  ];
}

/** The help of a verb: examples, its flags with the most used first, the global ones, exit codes. */
export function verbHelp(name: VerbName, verb: Verb, style: Style): string[] {
  const row = VERBS.find((candidate) => candidate.name === name);
  const also = aliasesOf(name);
  const width = Math.max(...verb.examples.map(([line]) => line.length));
  return [
    `${paint(style, 'strong', `rouse ${name}${verb.usage === '' ? '' : ` ${verb.usage}`}`)}   ${row?.summary ?? ''}`,
    ...(also.length === 0 ? [] : [`also: ${also.join(', ')}`]),
    '',
    ...verb.examples.map(([line, text]) => `  ${pad(line, width)}   ${text}`),
    ...(verb.flags.length === 0 ? [] : ['', paint(style, 'strong', 'Flags'), ...flagLines(verb.flags)]),
    '',
    'Flags for every verb: rouse help flags',
    '',
    paint(style, 'strong', 'Exit codes'),
    ...exitsOf(verb).map(([code, text]) => `  ${String(code).padStart(3)}  ${text}`),
  ];
}

const USUAL_EXITS: readonly (readonly [number, string])[] = [
  [2, 'wrong command line or definition; nothing was done'],
  [5, 'the daemon is not running or cannot be reached'],
];

function exitsOf(verb: Verb): readonly (readonly [number, string])[] {
  const more = USUAL_EXITS.filter(([code]) => !verb.exits.some(([own]) => own === code));
  return [...verb.exits, ...more].toSorted(([left], [right]) => left - right);
}

function flagLines(flags: readonly Flag[]): string[] {
  const width = Math.max(...flags.map(({ spelling }) => indented(spelling).length));
  return flags.map(({ spelling, text, choices }) => {
    const words = choices === undefined ? '' : `: ${choices.join(', ')}`;
    return `  ${pad(indented(spelling), width)}   ${text}${words}`;
  });
}

const indented = (spelling: string): string => (spelling.startsWith('--') ? `    ${spelling}` : spelling);

/** A topic of the help. */
export interface Topic {
  readonly name: string;
  readonly lines: (style: Style) => readonly string[];
}

/** Every topic, in order. */
export const TOPICS: readonly Topic[] = [
  {
    name: 'flags',
    lines: () => [
      ...flagLines(GLOBAL_FLAGS),
      '    --json[=fields]   one JSON document on stdout',
      '',
      'Accepted before or after the verb. After logs, events, ps and checks, -f is --follow.',
    ],
  },
  { name: 'exit-codes', lines: exitCodes },
  { name: 'environment', lines: () => ENVIRONMENT },
  { name: 'files', lines: () => FILES },
  { name: 'json', lines: () => JSON_RULES },
  { name: 'states', lines: states },
  { name: 'colors', lines: () => COLORS },
];

function exitCodes(): readonly string[] {
  const rows: readonly (readonly [string, string])[] = [
    ['0', 'done as asked'],
    ['1', 'the work failed: a service failed, became unhealthy for good, or would not stop'],
    ['2', 'your input is wrong: flag, argument or definition; nothing was done'],
    ['3', 'the state you asked about is not so (status --exit-code, health)'],
    ['4', 'unknown service or change; nothing was done'],
    ['5', 'the daemon is not running, cannot be reached, or refuses you'],
    ['6', 'refused: a conflict, or a confirmation is needed'],
    ['10', 'plan --exit-code: there are changes'],
    ['70', 'a bug in Rouse'],
    ['124', 'timed out waiting; services go on'],
    ['125', 'run: Rouse could not run the task; else the exit code is the task’s own'],
    ['126, 127', 'run: the program is not executable, not found'],
    ['130', 'interrupted by Ctrl-C before everything was ready; what was started has been stopped'],
    ['143', 'ended by SIGTERM, after a clean stop'],
  ];
  const errors = Object.entries(ERRORS).map(
    ([code, { exit, title }]) => `  ${code}  ${String(exit).padStart(3)}  ${title}`,
  );
  return [
    ...rows.map(([code, text]) => `  ${pad(code, 8)}  ${text}`),
    '',
    'By error code (rouse explain CODE):',
    ...errors,
  ];
}

function states(style: Style): readonly string[] {
  const texts: Readonly<Record<string, string>> = {
    waiting: 'for a dependency or a free slot',
    starting: 'it runs and is not ready yet',
    ready: 'dependents may start',
    done: 'a task that ended well',
    unhealthy: 'it runs, and its check fails',
    retry: 'it ended and will be started again',
    failed: 'it will not be started again by itself',
    blocked: 'something it needs has failed; it starts by itself when that comes up',
    stopping: 'it was told to end',
    stopped: 'nothing runs, nothing is wanted',
    off: 'none of its profiles is switched on',
    unknown: 'the daemon could not verify it',
  };
  return stateGlyphs().map(
    ({ word, ascii }) => `  ${glyph(style, word)}  ${ascii}  ${pad(word, 9)}  ${texts[word] ?? ''}`,
  );
}

const ENVIRONMENT: readonly string[] = [
  '  ROUSE_HOST          address of a daemon to speak to; as --host',
  '  ROUSE_TOKEN         the token for it; otherwise --token-file',
  '  ROUSE_CA            file with the certificate by which it is known; as --ca',
  '  ROUSE_INSECURE_PLAIN_HTTP=1   as --insecure-plain-http',
  '  ROUSE_FILE          definition files, separated by ":"; as --file',
  '  ROUSE_PROJECT       the project; as --project',
  '  ROUSE_PROFILE       profiles that are switched on, separated by ","; as --profile',
  '  ROUSE_RUNTIME_DIR   sockets: else $XDG_RUNTIME_DIR/rouse, or /run/rouse for root',
  '  ROUSE_STATE_DIR     logs and history: else $XDG_STATE_HOME/rouse, or /var/lib/rouse for root',
  '  ROUSE_OUTPUT        json: as --json on every command',
  '  ROUSE_PROGRESS      as --progress',
  '  ROUSE_COLOR         always or never; NO_COLOR and FORCE_COLOR win over it',
  '  ROUSE_ASCII         1: no glyphs beyond ASCII',
];

const FILES: readonly string[] = [
  '  1. --file (repeat it; later wins) or ROUSE_FILE.',
  '  2. Else the first folder upwards from here, to the first that holds .git, with one of',
  '     rouse.toml, rouse.yaml, rouse.yml, rouse.json, rouse.jsonc, rouse.config.ts. Two of them in one folder: an error.',
  '  3. On top: rouse.NAME.toml for each --overlay NAME.',
  '  Settings: config.defaults.toml beside the file, for [orchestrator.services].',
  '  The project is called what `name` says, else by the file, else by the folder.',
];

const JSON_RULES: readonly string[] = [
  '  --json          one document on stdout: an array for lists, an object for one thing',
  '  --json=a,b      those keys only; an unknown one lists the valid ones',
  '  with -f         one line an entry, in the same shape',
  '  Progress, notes and errors go to stderr; an error is one problem document there.',
  '  Keys are snake_case and always present, null if unknown; times are RFC 3339 UTC; units are in the name.',
  '  Shapes: rouse schema --output NAME',
];

const COLORS: readonly string[] = [
  '  In this order: --color, NO_COLOR, FORCE_COLOR or CLICOLOR_FORCE, ROUSE_COLOR, TERM=dumb, whether it is a terminal.',
  '  Red is for failure alone; shapes say the same as colours. --progress plain draws nothing over.',
];
