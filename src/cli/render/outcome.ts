/** What an `up` came to: the line when all is well, and what to say of each failure. */
import type { ApiExplanation } from '../../contract/api-explain.ts';
import type { ApiService } from '../../contract/api-service.ts';
import type { ErrorCode } from '../../model/errors.ts';
import { escapeLine } from './escape.ts';
import { place } from './problem.ts';
import { type Style, mark, paint } from './style.ts';
import { took } from './time.ts';
import { stateText } from './words.ts';

/**
 * `All 4 ready in 7.5s · critical path db › migrate › web`; of services that have been lost since they were ready it says
 * that they were. Units: ms.
 */
export function doneLine(services: readonly ApiService[], tookMs: number, style: Style): string {
  const lost = services.filter(({ ready, state }) => !ready && state !== 'done');
  if (lost.length > 0) return sinceLost(services, lost, { tookMs, style });
  const path = slowestPath(services);
  const chain = path.map(({ name }) => escapeLine(name)).join(` ${mark(style, 'chain')} `);
  const count = services.length === 1 ? `${escapeLine(services[0]?.name ?? '')} is` : `All ${services.length}`;
  const head = `${paint(style, 'ok', `${count} ready`)} in ${took(tookMs)}`;
  return path.length < 2 ? head : `${head} ${mark(style, 'dot')} critical path ${chain}`;
}

function sinceLost(
  services: readonly ApiService[],
  lost: readonly ApiService[],
  { tookMs, style }: { readonly tookMs: number; readonly style: Style },
): string {
  const [only] = services;
  const who =
    services.length === 1 && only !== undefined ? `${escapeLine(only.name)} was` : `All ${services.length} were`;
  const now = lost.map((service) => {
    const why = service.reason === null ? '' : `, ${escapeLine(service.reason.text)}`;
    return `${escapeLine(service.name)} (${stateText(service)}${why})`;
  });
  return `${who} ready in ${took(tookMs)}; ${paint(style, 'warn', 'not any more')}: ${now.join(', ')}`;
}

/**
 * The services that made it take as long as it did, first to start first: from the last to be up, each time to the one
 * of its dependencies that was up last.
 */
export function slowestPath(services: readonly ApiService[]): readonly ApiService[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const last = (candidates: readonly ApiService[]): ApiService | undefined =>
    candidates.reduce<ApiService | undefined>(
      (latest, one) => (latest === undefined || upAt(one) > upAt(latest) ? one : latest),
      undefined,
    );
  const path: ApiService[] = [];
  for (let next = last(services); next !== undefined && !path.includes(next);) {
    path.unshift(next);
    next = last(next.depends_on.map((name) => byName.get(name)).filter((found) => found !== undefined));
  }
  return path;
}

const upAt = (service: ApiService): number => Date.parse(service.ready_at ?? service.since);

/** A service that did not come up, with what is known of it. */
export interface Failure {
  readonly service: ApiService;
  readonly explanation: ApiExplanation | null;
  readonly lastLines: readonly string[];
  /** Names of those that wait for it in vain. */
  readonly blocked: readonly string[];
  /** Names of those that are up nevertheless. */
  readonly running: readonly string[];
}

/** The block of one failure. `folder`: files below it are named relative to it. */
export function failureLines(failure: Failure, layout: { readonly style: Style; readonly folder: string }): string[] {
  const { service, explanation, lastLines } = failure;
  const { style, folder } = layout;
  const name = escapeLine(service.name);
  const code = failureCode(service);
  const reason = escapeLine(service.reason?.text ?? stateOf(service));
  // The last output has its own place above.
  const facts = (explanation?.facts ?? []).filter((fact) => !fact.startsWith('log: '));
  const fixes = explanation?.fixes ?? [];
  return [
    `${paint(style, 'error', 'error')}[${code}]: ${name}: ${reason}`,
    ...lastLines.map((text) => `  ${mark(style, 'bar')} ${escapeLine(text)}`),
    ...(service.origin === null ? [] : rows('at', [`${place(service.origin, folder)}  [services.${name}]`])),
    ...rows('why', facts.map(escapeLine)),
    ...rows('also', [alsoText(failure)]),
    ...rows(
      'fix',
      fixes.map(({ text, command }) => escapeLine(command === null ? text : `${text}:  ${command}`)),
    ),
    ...rows('more', [
      [`rouse logs ${name}`, `rouse explain ${name}`, `rouse explain ${code}`].join(`  ${mark(style, 'dot')}  `),
    ]),
  ];
}

const stateOf = ({ state }: ApiService): string => state;

/** The error code that a failed service's reason comes down to. */
export function failureCode({ reason }: ApiService): ErrorCode {
  if (reason?.code === 'start-failed' && reason.text.endsWith('not found')) return 'RSE2101';
  return CODES[reason?.code ?? ''] ?? 'RSE2109';
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  'exited-early': 'RSE2102',
  exited: 'RSE2102',
  'startup-timeout': 'RSE2103',
  'start-failed': 'RSE2109',
  'restart-limit': 'RSE2106',
  dependency: 'RSE2105',
  unhealthy: 'RSE2112',
};

function alsoText({ blocked, running }: Failure): string {
  const parts = [
    blocked.length === 0 ? '' : `${list(blocked)} ${blocked.length === 1 ? 'was' : 'were'} not started`,
    running.length === 0 ? '' : `${list(running)} ${running.length === 1 ? 'is' : 'are'} running`,
  ].filter((part) => part !== '');
  return parts.join('; ');
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function list(names: readonly string[]): string {
  const shown = names.map(escapeLine);
  if (shown.length <= 3)
    return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
  return `${shown.slice(0, 2).join(', ')} and ${shown.length - 2} more`;
}

function rows(key: string, texts: readonly string[]): string[] {
  return texts.filter((text) => text !== '').map((text, index) => `  ${(index === 0 ? key : '').padEnd(6)} ${text}`);
}
