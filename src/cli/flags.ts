/** The global flags: the same letter everywhere, accepted before or after the verb. */
import type { Options } from './options.ts';
import type { ColorChoice } from './render/style.ts';

/** A flag as it is declared. `spelling` is commander's: `-d, --detach` or `--timeout <duration>`. */
export interface Flag {
  readonly spelling: string;
  readonly text: string;
  /** `list` gathers repeated values. */
  readonly many?: 'list';
  readonly choices?: readonly string[];
}

/** How progress is shown. */
export type ProgressChoice = 'auto' | 'tty' | 'plain' | 'json' | 'quiet';

/** What the global flags say, for every verb alike. */
export interface GlobalFlags {
  /** Paths as typed, in order; empty when none was given. */
  readonly files: readonly string[];
  readonly directory: string | null;
  readonly project: string | null;
  readonly overlays: readonly string[];
  /** Profiles that are switched on; null: nobody said anything of them. */
  readonly profiles: readonly string[] | null;
  readonly envFiles: readonly string[];
  /** Address of a daemon that is spoken to instead of that of the project on this machine. */
  readonly host: string | null;
  readonly tokenFile: string | null;
  /** File with the certificates that are believed. */
  readonly ca: string | null;
  readonly plainHttp: 'loopback-only' | 'typed-out';
  /** Null: for people. `fields` null: every key. */
  readonly json: { readonly fields: readonly string[] | null } | null;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly debug: boolean;
  readonly color: ColorChoice;
  readonly progress: ProgressChoice;
  readonly prompts: 'allowed' | 'never';
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** The flags themselves, in the order of the help. `--json` is taken out before, because its value needs the `=`. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  { spelling: '-f, --file <path>', text: 'definition file; repeat to merge, later wins', many: 'list' },
  { spelling: '-C, --chdir <folder>', text: 'work as if started in this folder' },
  { spelling: '-p, --project <name>', text: 'the project, from any folder' },
  { spelling: '--overlay <name>', text: 'merge rouse.NAME.toml on top', many: 'list' },
  { spelling: '--profile <name>', text: 'switch on services of this profile', many: 'list' },
  { spelling: '--env-file <path>', text: 'variables for the definition', many: 'list' },
  { spelling: '--host <url>', text: 'the daemon at this address: https://HOST:PORT' },
  { spelling: '--token-file <path>', text: 'the credential for it; otherwise ROUSE_TOKEN' },
  { spelling: '--ca <path>', text: 'the certificate by which it is known' },
  { spelling: '--insecure-plain-http', text: 'speak, or listen, beyond this machine without encryption' },
  { spelling: '-q, --quiet', text: 'only results and errors' },
  { spelling: '-v, --verbose', text: 'say more' },
  { spelling: '--debug', text: 'show where an error came from' },
  { spelling: '--color <when>', text: 'colour', choices: ['auto', 'always', 'never'] },
  { spelling: '--progress <kind>', text: 'how progress is shown', choices: ['auto', 'tty', 'plain', 'json', 'quiet'] },
  { spelling: '--no-input', text: 'never ask' },
  { spelling: '-y, --yes', text: 'answer yes to questions' },
  { spelling: '--dry-run', text: 'show what would be done, and do nothing' },
  { spelling: '-h, --help', text: 'help' },
];

/** How `--json` was written. */
export type JsonWish = { readonly fields: readonly string[] | null } | null;

/**
 * The global flags out of what stood before and after the verb: lists add up, of single values the later wins.
 * `ROUSE_OUTPUT=json`, `ROUSE_FILE` (separated by `:`), `ROUSE_HOST` and the like stand in for absent flags.
 */
export function globalFlags(
  parts: readonly Options[],
  json: JsonWish,
  env: Readonly<Record<string, string | undefined>>,
): GlobalFlags {
  const isOn = (name: string): boolean => parts.some((part) => part.isOn(name));
  const text = (name: string): string | null =>
    parts.reduce<string | null>((found, part) => part.text(name) ?? found, null);
  const texts = (name: string): readonly string[] => parts.flatMap((part) => part.texts(name));
  const files = texts('file');
  const named = env['ROUSE_FILE'] ?? '';
  return {
    files: files.length > 0 || named === '' ? files : named.split(':').filter((path) => path !== ''),
    directory: text('chdir'),
    project: text('project') ?? emptyAsNull(env['ROUSE_PROJECT']),
    overlays: texts('overlay'),
    profiles: profilesOf(texts('profile'), env['ROUSE_PROFILE'] ?? ''),
    envFiles: texts('envFile'),
    host: text('host') ?? emptyAsNull(env['ROUSE_HOST']),
    tokenFile: text('tokenFile'),
    ca: text('ca') ?? emptyAsNull(env['ROUSE_CA']),
    plainHttp: isOn('insecurePlainHttp') || env['ROUSE_INSECURE_PLAIN_HTTP'] === '1' ? 'typed-out' : 'loopback-only',
    json: json ?? (env['ROUSE_OUTPUT'] === 'json' ? { fields: null } : null),
    quiet: isOn('quiet'),
    verbose: isOn('verbose'),
    debug: isOn('debug'),
    color: oneOf(text('color'), ['auto', 'always', 'never'], 'auto'),
    progress: oneOf(
      text('progress') ?? emptyAsNull(env['ROUSE_PROGRESS']),
      ['auto', 'tty', 'plain', 'json', 'quiet'],
      'auto',
    ),
    prompts: parts.some((part) => part.isOff('input')) ? 'never' : 'allowed',
    yes: isOn('yes'),
    dryRun: isOn('dryRun'),
  };
}

function profilesOf(named: readonly string[], variable: string): readonly string[] | null {
  const all = [...named, ...(named.length > 0 ? [] : [variable])].flatMap((text) => text.split(','));
  const profiles = all.map((text) => text.trim()).filter((text) => text !== '');
  return profiles.length === 0 ? null : profiles;
}

const emptyAsNull = (value: string | undefined): string | null => (value === undefined || value === '' ? null : value);

function oneOf<const Word extends string>(value: string | null, words: readonly Word[], otherwise: Word): Word {
  return words.find((word) => word === value) ?? otherwise;
}
