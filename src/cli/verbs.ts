/** The verbs by name: what the help lists and what people type for them elsewhere. Loading is in `load.ts`. */
import { nearest } from '../model/nearest.ts';

/** The groups of the help, in order. */
export const GROUPS = ['Get started', 'Run', 'Look', 'Understand', 'Define', 'Operate', 'Shell'] as const;

/** A row of the help. */
export interface VerbRow {
  readonly name: string;
  readonly group: (typeof GROUPS)[number];
  readonly summary: string;
}

/** Every verb, in the order of the help. */
export const VERBS = [
  { name: 'init', group: 'Get started', summary: 'write a rouse.toml from what is here' },
  { name: 'demo', group: 'Get started', summary: 'run four small services in a temporary folder' },
  { name: 'up', group: 'Run', summary: 'start everything, or these and what they need, and wait until ready' },
  { name: 'down', group: 'Run', summary: 'stop everything in reverse order' },
  { name: 'start', group: 'Run', summary: 'start services and what they need' },
  { name: 'stop', group: 'Run', summary: 'stop services' },
  { name: 'restart', group: 'Run', summary: 'stop services and start them again' },
  { name: 'reload', group: 'Run', summary: 'apply changes of the file to what runs' },
  { name: 'scale', group: 'Run', summary: 'how many replicas there are of a service' },
  { name: 'run', group: 'Run', summary: 'run a task in the foreground' },
  { name: 'exec', group: 'Run', summary: 'run a command with the environment of a service' },
  { name: 'signal', group: 'Run', summary: 'send a signal to what runs' },
  { name: 'pin', group: 'Run', summary: 'hold services up, or down, whatever others want' },
  { name: 'unpin', group: 'Run', summary: 'let pinned services go again' },
  { name: 'wait', group: 'Run', summary: 'wait until services are ready, stopped, healthy …' },
  { name: 'ps', group: 'Look', summary: 'one line a service' },
  { name: 'status', group: 'Look', summary: 'services in detail' },
  { name: 'logs', group: 'Look', summary: 'output of services' },
  { name: 'events', group: 'Look', summary: 'what happened, and what happens' },
  { name: 'graph', group: 'Look', summary: 'who needs whom' },
  { name: 'health', group: 'Look', summary: 'ask a service how it is' },
  { name: 'checks', group: 'Look', summary: 'health checks and their last results' },
  { name: 'explain', group: 'Understand', summary: 'why is it so? of a service, a key of the file, or an error code' },
  { name: 'plan', group: 'Understand', summary: 'what would `up` do, in which order, and why' },
  { name: 'diff', group: 'Understand', summary: 'what runs against the file, key by key' },
  { name: 'impact', group: 'Understand', summary: 'who is affected when a service stops' },
  { name: 'changes', group: 'Understand', summary: 'operations and their tasks; abort one' },
  { name: 'validate', group: 'Define', summary: 'all problems of the definition at once' },
  { name: 'config', group: 'Define', summary: 'the definition, merged and resolved' },
  { name: 'schema', group: 'Define', summary: 'JSON Schema of the file, or of a command’s JSON' },
  { name: 'daemon', group: 'Operate', summary: 'start, stop, status, restart, upgrade, logs of the daemon' },
  { name: 'token', group: 'Operate', summary: 'who may speak to the daemon over an address' },
  { name: 'doctor', group: 'Operate', summary: 'what this machine can do, and what is to be mended' },
  { name: 'audit', group: 'Operate', summary: 'who did what, and whether that record is whole' },
  { name: 'completion', group: 'Shell', summary: 'completion script for bash, zsh, fish, powershell' },
  { name: 'help', group: 'Shell', summary: 'help on a verb or a topic' },
  { name: 'version', group: 'Shell', summary: 'version of Rouse' },
] as const satisfies readonly VerbRow[];

/** The name of a verb. */
export type VerbName = (typeof VERBS)[number]['name'];

/** A verb as meant: its name, and the flags that an alias stands for. */
export interface MeantVerb {
  readonly name: VerbName;
  readonly flags: readonly string[];
}

const ALIASES: Readonly<Record<string, MeantVerb>> = {
  ls: { name: 'ps', flags: [] },
  list: { name: 'ps', flags: [] },
  l: { name: 'ps', flags: [] },
  tail: { name: 'logs', flags: ['--follow'] },
  why: { name: 'explain', flags: [] },
  apply: { name: 'reload', flags: [] },
  replan: { name: 'reload', flags: [] },
  check: { name: 'validate', flags: [] },
  lint: { name: 'validate', flags: [] },
  describe: { name: 'status', flags: [] },
  show: { name: 'status', flags: [] },
  info: { name: 'status', flags: [] },
  desc: { name: 'status', flags: [] },
  kill: { name: 'stop', flags: ['--now'] },
  viz: { name: 'graph', flags: [] },
  watch: { name: 'up', flags: ['--watch'] },
  'is-active': { name: 'status', flags: ['--exit-code', '--quiet'] },
};

/** The verb that is meant by a word, or null. */
export function meantVerb(word: string): MeantVerb | null {
  const row = VERBS.find(({ name }) => name === word);
  if (row !== undefined) return { name: row.name, flags: [] };
  return Object.hasOwn(ALIASES, word) ? (ALIASES[word] ?? null) : null;
}

/** The verb that a mistyped word is nearest to, or null. It is named, never run: a slip may be of the head, not the hand. */
export function nearestVerb(word: string): string | null {
  return nearest(word, [...VERBS.map(({ name }) => name), ...Object.keys(ALIASES)]);
}

/** What a row of the help says besides its summary: other words for the verb. */
export function aliasesOf(name: VerbName): readonly string[] {
  return Object.entries(ALIASES)
    .filter(([, meant]) => meant.name === name && meant.flags.length === 0)
    .map(([alias]) => alias);
}
