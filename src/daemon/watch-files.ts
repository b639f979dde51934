/**
 * Files that are watched on request: those of the definition, which is then reloaded by the rules of a reload, and those
 * of services (`watch`), which are then restarted or sent a signal. A definition with a fault changes nothing.
 */
import { dirname, join } from 'node:path';
import type { ApiParts } from '../api/parts.ts';
import type { Actor } from '../model/change.ts';
import { DefinitionError, RouseError } from '../model/errors.ts';
import type { RecordBody } from '../model/record.ts';
import type { Definition, ServiceName, Spec } from '../model/spec.ts';
import type { Supervisor } from '../supervisor/port.ts';
import { FileWatch } from './file-watch.ts';

/** What watching needs. `again` reads the definition's files anew. Errors of it: DefinitionError, RSE0103 and the like. */
export interface WatchParts {
  readonly supervisor: Pick<Supervisor, 'definition' | 'reload' | 'request' | 'service' | 'signal' | 'note'>;
  readonly again: () => Promise<Definition>;
  readonly clock: ApiParts['clock'];
  /** Takes a line of the daemon's own log. */
  readonly say: (line: string) => void;
}

type Result = Extract<RecordBody, { type: 'files.changed' }>['result'];

const BY_WATCH: Actor = { via: 'rouse', name: 'watch' };
/** How long the definition must rest; ms. */
const DEFINITION_MS = 200;
/** Files that a record names at most. */
const NAMED = 20;

/** The watching of a daemon, off until it is switched on. */
export class WatchFiles implements Disposable {
  readonly #parts: WatchParts;
  #definition: { readonly files: string; readonly watch: FileWatch } | null = null;
  readonly #services = new Map<ServiceName, { readonly rule: string; readonly watch: FileWatch }>();
  #mode: 'on' | 'off' = 'off';

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  get mode(): 'on' | 'off' {
    return this.#mode;
  }

  /** Switches it; twice does no harm. */
  turn(mode: 'on' | 'off'): void {
    if (this.#mode === mode) return;
    this.#mode = mode;
    if (mode === 'on') this.follow();
    else this.#end();
  }

  /** Watches what the present definition says: to be called after a new one. */
  follow(): void {
    if (this.#mode === 'off') return;
    const { supervisor, clock, say } = this.#parts;
    const definition = supervisor.definition();
    this.#followDefinition(definition);
    const rules = new Map(definition.services.flatMap((spec) => (spec.watch === null ? [] : [[spec.name, spec]])));
    for (const [name, known] of this.#services) {
      if (JSON.stringify(rules.get(name)?.watch) === known.rule) continue;
      known.watch[Symbol.dispose]();
      this.#services.delete(name);
    }
    for (const [name, { watch: rule }] of rules) {
      if (rule === null || this.#services.has(name)) continue;
      const changed = (files: readonly string[]): void => this.#serviceChanged(name, files);
      const watch = new FileWatch({ globs: rule, debounceMs: rule.debounceMs, clock, changed, say });
      this.#services.set(name, { rule: JSON.stringify(rule), watch });
    }
  }

  /** Resolves when no look at the files is under way. */
  async settled(): Promise<void> {
    const watches = [...this.#services.values(), ...(this.#definition === null ? [] : [this.#definition])];
    await Promise.all(watches.map(({ watch }) => watch.settled()));
  }

  [Symbol.dispose](): void {
    this.turn('off');
  }

  #end(): void {
    this.#definition?.watch[Symbol.dispose]();
    this.#definition = null;
    for (const { watch } of this.#services.values()) watch[Symbol.dispose]();
    this.#services.clear();
  }

  #followDefinition({ files, directory }: Definition): void {
    const folders = [...new Set([directory, ...files.map((file) => dirname(file))])];
    const beside = folders.flatMap((folder) =>
      ['.env', '.env.local', 'config.defaults.toml', '*.local.*'].map((name) => join(folder, name)),
    );
    const paths = [...files, ...beside];
    if (this.#definition?.files === JSON.stringify(paths)) return;
    this.#definition?.watch[Symbol.dispose]();
    const { clock, say } = this.#parts;
    const changed = (found: readonly string[]): void => void this.#definitionChanged(found);
    const globs = { paths, ignore: [] };
    const watch = new FileWatch({ globs, debounceMs: DEFINITION_MS, clock, changed, say });
    this.#definition = { files: JSON.stringify(paths), watch };
  }

  async #definitionChanged(files: readonly string[]): Promise<void> {
    const { supervisor, again } = this.#parts;
    try {
      const next = await again();
      if (this.#mode === 'off') return;
      if (next.hash === supervisor.definition().hash) return this.#tell([], files, 'unchanged');
      if (next.name !== supervisor.definition().name)
        return this.#tell([], files, 'refused', `the file is now of project "${next.name}"`);
      const { added, changed, removed } = supervisor.reload(next, BY_WATCH, 'outdated');
      const counts = [`${added.length} new`, `${changed.length} changed`, `${removed.length} gone`];
      this.#tell([], files, 'reloaded', counts.join(', '));
      this.follow();
    } catch (error) {
      // The last good definition stays in force; what is wrong is told, and said again by the next try.
      this.#tell([], files, 'refused', faultsOf(error));
    }
  }

  #serviceChanged(name: ServiceName, files: readonly string[]): void {
    const { supervisor } = this.#parts;
    const spec = supervisor.definition().services.find((each) => each.name === name);
    const rule = spec?.watch ?? null;
    if (spec === undefined || rule === null || supervisor.service(name).desired === 'down') return;
    try {
      this.#act(spec, rule);
      this.#tell([name], files, rule.action === 'restart' ? 'restarted' : 'signalled');
    } catch (error) {
      if (!(error instanceof RouseError)) throw error;
      this.#tell([name], files, 'refused', error.message);
    }
  }

  #act({ name }: Spec, { action, cascade }: NonNullable<Spec['watch']>): void {
    const { supervisor } = this.#parts;
    if (action !== 'restart') return supervisor.signal([name], { signal: action, scope: 'main' }, BY_WATCH);
    const dependents = cascade === 'yes' ? 'include' : 'leave';
    const rest = { dependencies: 'closure', completed: 'again', by: BY_WATCH } as const;
    supervisor.request({ action: 'restart', services: [name], dependents, ...rest });
  }

  // The words, files and services of one thing belong together.
  #tell(
    ...[services, files, result, more]: readonly [readonly ServiceName[], readonly string[], Result, string?]
  ): void {
    const [first = '', ...others] = files;
    const named = others.length === 0 ? first : `${first} and ${others.length} more`;
    const text = more === undefined ? named : `${named}: ${more}`;
    this.#parts.say(`watch: ${services.join(', ')} ${result}: ${text}`);
    try {
      this.#parts.supervisor.note(
        { type: 'files.changed', services, files: files.slice(0, NAMED), result, text },
        BY_WATCH,
      );
    } catch (error) {
      // The daemon is ending; its log has the line.
      if (!(error instanceof RouseError)) throw error;
    }
  }
}

function faultsOf(error: unknown): string {
  if (!(error instanceof DefinitionError)) return error instanceof Error ? error.message : String(error);
  return error.issues
    .slice(0, 10)
    .map(({ code, message, origin }) => `${code} ${origin === null ? '' : `${origin.file}:${origin.line}: `}${message}`)
    .join('; ');
}
