/** The short words for a service's state, health and place that several screens share. */
import type { ApiService } from '../../contract/api-service.ts';
import { escapeLine } from './escape.ts';
import { type Style, glyph, mark, paint, stateRole } from './style.ts';
import { age, ago, took } from './time.ts';

/** The word of a state: `ready`, `retry in 8s`. */
export function stateText(service: ApiService): string {
  if (service.state !== 'retry' || service.retry_in_ms === null) return service.state;
  return `retry in ${age(Math.max(1000, service.retry_in_ms))}`;
}

/** Glyph and word, the word painted for what needs a look. */
export function stateCell(style: Style, service: ApiService): string {
  const role = stateRole(service.state);
  const text = stateText(service);
  return `${glyph(style, service.state)} ${role === 'error' || role === 'warn' ? paint(style, role, text) : text}`;
}

/** Health in a few words: `ok 4ms`, the last failing answer, or `-` where nothing was asked. */
export function healthText(service: ApiService): string {
  const { healthy, latency_ms: latencyMs, message } = service.health;
  const isLive = ['starting', 'ready', 'unhealthy', 'stopping', 'unknown'].includes(service.state);
  if (healthy === null || !isLive) return '-';
  if (!healthy) return escapeLine(message === '' ? 'failing' : message);
  return latencyMs === null ? 'ok' : `ok ${Math.max(1, Math.round(latencyMs))}ms`;
}

/** How a run ended: `exit 1`, `SIGKILL`, or empty where nothing was observed. */
export function endingText(service: ApiService): string {
  if (service.exit_signal !== null) return escapeLine(service.exit_signal);
  return service.exit_code === null ? '' : `exit ${service.exit_code}`;
}

/**
 * What follows the state on a line: an address, why it is not up, what it waits for, how it ended.
 * Units: `now` epoch ms; null leaves ages out, where times stand in a column of their own.
 */
export function remark(service: ApiService, services: readonly ApiService[], style: Style, now: number | null): string {
  const text = remarkOnState(service, services, style, now);
  const next = isResting(service) ? nextText(service, now) : '';
  const pin = service.pin === 'none' ? '' : `pinned ${service.pin}`;
  return [text, pin, next].filter((part) => part !== '').join(', ');
}

const isResting = ({ state }: ApiService): boolean => ['stopped', 'done', 'failed'].includes(state);

/** `next in 3 h`, or the moment where ages are left out; empty without a schedule. Units: epoch ms. */
function nextText({ next_run_at: next }: ApiService, now: number | null): string {
  if (next === null) return '';
  return now === null ? `next ${next}` : `next in ${age(Math.max(0, Date.parse(next) - now))}`;
}

function remarkOnState(service: ApiService, services: readonly ApiService[], style: Style, now: number | null): string {
  switch (service.state) {
    case 'waiting':
    case 'blocked':
      return waitingText(service, services, style);
    case 'done':
      return [endingText(service), now === null ? '' : ago(Date.parse(service.since), now)]
        .filter((part) => part !== '')
        .join(', ');
    case 'ready':
      return readyRemark(service);
    case 'stopping':
      return service.waiting_for.length > 0
        ? `after ${service.waiting_for.map(escapeLine).join(', ')}`
        : stepText(service);
    case 'starting':
      if (service.step === 'before-start') return stepText(service);
      return escapeLine(
        service.health.healthy === false || service.health.last_check !== null ? service.health.message : '',
      );
    case 'unhealthy':
    case 'retry':
    case 'failed':
    case 'stopped':
    case 'off':
    case 'unknown':
      return escapeLine(service.reason?.text ?? '');
    default:
      return service.state satisfies never;
  }
}

function readyRemark(service: ApiService): string {
  if (service.degraded_by.length > 0) return `degraded: ${service.degraded_by.map(escapeLine).join(', ')} lost`;
  const place = service.urls[0] ?? '';
  const old = service.outdated ? '(older definition)' : '';
  const words = place === '' && service.saying !== null ? `"${service.saying}"` : '';
  return escapeLine([stepText(service), place, old, words].filter((part) => part !== '').join(' '));
}

/** Where inside its phase it is, in a word or two; empty where the phase says it all. */
function stepText({ step, reason }: ApiService): string {
  switch (step) {
    case 'before-start':
      return 'before_start hook';
    case 'before-stop':
      return 'before_stop hook';
    case 'after-stop':
      return 'after_stop hook';
    case 'stuck':
      return escapeLine(/stuck: .*/.exec(reason?.text ?? '')?.[0] ?? step);
    case 'killing':
      return 'killed';
    case 'reloading':
    case 'draining':
      return step;
    case 'none':
    case 'damped':
    case 'ending':
      return '';
    default:
      return step satisfies never;
  }
}

/** `for migrate › db`: what it waits for, and what that waits for, to the end. `by …` where it is blocked. */
export function waitingText(service: ApiService, services: readonly ApiService[], style: Style): string {
  const chain: string[] = [];
  let next = service.waiting_for[0] ?? service.reason?.service ?? undefined;
  while (next !== undefined && !chain.includes(next)) {
    const name: string = next;
    chain.push(name);
    const found = services.find((other) => other.name === name);
    next = found?.state === 'waiting' || found?.state === 'blocked' ? found.waiting_for[0] : undefined;
  }
  if (chain.length === 0) return isPlain(service) ? '' : escapeLine(service.reason?.text ?? 'for a free slot');
  const more = service.waiting_for.length > 1 ? ` and ${service.waiting_for.length - 1} more` : '';
  const path = chain.map(escapeLine).join(` ${mark(style, 'chain')} `);
  return `${service.state === 'blocked' ? 'by' : 'for'} ${path}${more}`;
}

// Waiting because somebody wants it is what waiting is; what it waits for is told a moment later.
const isPlain = ({ reason }: ApiService): boolean => reason?.code === 'asked' || reason?.code === 'needed';

/** How long its way up took, or takes so far; empty where that says nothing. Units: epoch ms. */
export function startText(service: ApiService, now: number): string {
  if (service.state === 'starting' && service.started_at !== null) return took(now - Date.parse(service.started_at));
  if (service.state === 'starting') return took(now - Date.parse(service.since));
  const isUp = service.state === 'ready' || service.state === 'done' || service.state === 'unhealthy';
  return isUp && service.last_start_ms !== null ? took(service.last_start_ms) : '';
}
