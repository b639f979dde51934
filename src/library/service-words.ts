/** The words in which a program declares services: those of the definition file, in camelCase, with checked names. */
import type { When } from '../model/spec.ts';
import type { ServiceFunction } from '../supervisor/function.ts';

/** A command: a text that is split into words without a shell, or the words. */
export type CommandText = string | readonly string[];

/** What a dependency must have reached, and what follows when it is lost. */
export interface DependencyDef {
  readonly when?: When;
  readonly optional?: boolean;
  readonly onLoss?: 'ignore' | 'restart' | 'stop';
}

/**
 * What a service needs: names, or a table of name and condition.
 * Without other names the table would be `{}`, which any list fits: a list is kept out by its iterator.
 */
export type DependsOn<Names extends string> =
  | readonly Names[]
  | ({ readonly [K in Names]?: When | DependencyDef } & { readonly [Symbol.iterator]?: never });

/** How often a question is asked. Durations are texts with a unit: `500ms`, `10s`. */
export interface CadenceDef {
  readonly interval?: string;
  readonly startInterval?: string;
  readonly timeout?: string;
  readonly retries?: number;
  readonly successes?: number;
  readonly grace?: string;
}

/** A question that tells whether a service is well; exactly one kind of it. */
export interface CheckDef extends CadenceDef {
  readonly http?: string;
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: readonly (number | string)[];
  readonly redirects?: 'refuse' | 'follow';
  readonly tcp?: string;
  readonly exec?: CommandText;
  readonly dns?: string | { readonly name: string; readonly server: string; readonly record?: string };
  readonly process?: true | string;
  readonly log?: string;
  readonly file?: string;
}

/** When a run that ended is followed by another. */
export interface RestartDef {
  readonly policy?: 'no' | 'on-failure' | 'always' | 'unless-stopped';
  readonly delay?: string;
  readonly factor?: number;
  readonly maxDelay?: string;
  readonly jitter?: number;
  readonly resetAfter?: string;
  readonly max?: number;
  readonly within?: string;
  readonly atLimit?: 'fail' | 'slow';
}

/** How a service is ended. */
export interface StopDef {
  readonly signal?: string;
  readonly timeout?: string;
  readonly command?: CommandText;
  readonly scope?: 'tree' | 'main';
  readonly drain?: string;
}

/** A command at a moment of a service's life. */
export type HookDef = CommandText | { readonly command: CommandText; readonly timeout?: string };

/** When a task runs by itself. */
export interface ScheduleDef {
  readonly cron: string;
  readonly timezone?: string;
  readonly overlap?: 'skip' | 'queue' | 'replace';
  readonly catchUp?: 'skip' | 'once';
}

/** Files whose change is followed by something, where they are looked at. */
export interface WatchDef {
  readonly paths: string | readonly string[];
  readonly ignore?: string | readonly string[];
  readonly debounce?: string;
  readonly action?: string;
  readonly cascade?: boolean;
}

/**
 * One service. Exactly one of `command`, `startCommand`, `external` and `run` says how it runs.
 * `Names` are those that it may depend on.
 */
export interface ServiceDef<Names extends string = string> {
  readonly description?: string;
  readonly type?: 'service' | 'task';
  readonly command?: CommandText;
  readonly startCommand?: CommandText;
  readonly stopCommand?: CommandText | null;
  readonly statusCommand?: CommandText | null;
  readonly external?: boolean;
  /** A function of this program: the service is up until its promise settles. */
  readonly run?: ServiceFunction;
  readonly shell?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly envFile?: string | readonly string[];
  readonly inheritEnv?: readonly string[];
  readonly allowLoaderEnv?: readonly string[];
  readonly cwd?: string;
  readonly umask?: string;
  readonly health?: string | (CheckDef & { readonly onFailure?: 'restart' | 'stop' | 'none' });
  readonly healthCheckEndpoint?: string | null;
  readonly ready?: string | (CheckDef & { readonly fd?: number; readonly notify?: true | 'main' | 'all' });
  readonly settle?: string;
  readonly startTimeout?: string;
  readonly dependsOn?: DependsOn<Names>;
  readonly dependencies?: DependsOn<Names>;
  readonly restart?: RestartDef['policy'] | RestartDef;
  readonly stop?: string | StopDef;
  readonly successCodes?: readonly number[];
  readonly noRestartCodes?: readonly number[];
  readonly restartCodes?: readonly number[];
  readonly after?: readonly Names[];
  readonly conflicts?: readonly Names[];
  readonly hooks?: {
    readonly beforeStart?: HookDef;
    readonly afterReady?: HookDef;
    readonly beforeStop?: HookDef;
    readonly afterStop?: HookDef;
  };
  readonly watchdog?: string;
  readonly limits?: { readonly memory?: string; readonly cpus?: number; readonly processes?: number };
  readonly profiles?: readonly string[];
  readonly replicas?: number;
  readonly schedule?: string | ScheduleDef;
  readonly watch?: string | readonly string[] | WatchDef;
  readonly autostart?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly logs?: { readonly keep?: string; readonly format?: 'text' | 'json' };
  readonly url?: string;
}

/** Services by name. A service can depend on every other one, and on none that is not there. */
export type Services<N extends string> = { readonly [K in N]: ServiceDef<NoInfer<Exclude<N, K>>> };

type Snake<Text extends string> = Text extends `${infer First}${infer Rest}`
  ? First extends Lowercase<First>
    ? `${First}${Snake<Rest>}`
    : `_${Lowercase<First>}${Snake<Rest>}`
  : Text;

type InSnakeCase<Words> = { readonly [Key in keyof Words as Key extends string ? Snake<Key> : never]?: Words[Key] };

/** A service with its name: the guide's fields and those of the definition file, in camelCase or in snake_case. */
export type ServiceFields = { readonly name: string } & ServiceDef & InSnakeCase<ServiceDef>;
