// The definition of a chaos run: every kind of service that recovery has to do with.
import { join } from 'node:path';

const LIFE = join(import.meta.dirname, 'life.sh');

/** What its services are given. `generations` counts how often each was changed. */
export interface Given {
  readonly mark: string;
  readonly journal: string;
  readonly seed: number;
  readonly generations: ReadonlyMap<string, number>;
}

/**
 * All are started again at once whatever their end. Counted from 0, of every six the third needs the one before it, the
 * fourth has hooks, the fifth speaks for itself under a watchdog, and the sixth and the first of the next six need the
 * one before them and are restarted and stopped with it.
 */
export function definitionOf(names: readonly string[], given: Given): string {
  const [variable = '', value = ''] = given.mark.split('=');
  const defaults = `
[defaults]
settle = "0s"
env = { ${variable} = "${value}" }
restart = { policy = "always", delay = "20ms", factor = 1, max_delay = "20ms", max = 1000000, within = "1s" }
stop = { timeout = "300ms" }
logs = { keep = "1GiB" }
`;
  return `${defaults}${names.map((name, at) => serviceOf(name, { at, before: names[at - 1], given })).join('\n')}`;
}

/** Whether the service of that place has hooks before its start and after its stop. */
export const hasHooks = (at: number): boolean => at % 6 === 3;

interface Place {
  readonly at: number;
  readonly before: string | undefined;
  readonly given: Given;
}

function serviceOf(name: string, { at, before, given }: Place): string {
  const { journal, seed, generations } = given;
  const words = [LIFE, journal, String(seed + at), ...(at % 6 === 4 ? ['speaks'] : [])];
  const generation = generations.get(name);
  return [
    `[services.${name}]`,
    `command = ${JSON.stringify(words)}`,
    ...(generation === undefined ? [] : [`env = { GENERATION = "${generation}" }`]),
    ...needs(at, before),
    ...(at % 6 === 4 ? ['ready = { notify = "all" }', 'watchdog = "600ms"', 'start_timeout = "5s"'] : []),
    ...(hasHooks(at) ? hooksOf(name, journal) : []),
    '',
  ].join('\n');
}

function needs(at: number, before: string | undefined): readonly string[] {
  if (before === undefined) return [];
  if (at % 6 === 2) return [`depends_on = ["${before}"]`];
  if (at % 6 === 5) return [`depends_on = { ${before} = { on_loss = "restart" } }`];
  if (at % 6 === 0) return [`depends_on = { ${before} = { on_loss = "stop" } }`];
  return [];
}

function hooksOf(name: string, journal: string): readonly string[] {
  const hook = JSON.stringify([LIFE, journal, 'hook']);
  return ['', `[services.${name}.hooks]`, `before_start = ${hook}`, `after_stop = ${hook}`];
}
