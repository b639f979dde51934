/** The screen of `rouse status SERVICE`: everything that is known of one service. */
import type { ApiService } from '../../contract/api-service.ts';
import { escapeLine } from './escape.ts';
import { type Style, glyph } from './style.ts';
import { ago, timestamp, took } from './time.ts';
import { endingText, remark, stateText } from './words.ts';

/** What else is shown: who is around it, its last output, and the time. Units: `now` epoch ms. */
export interface StatusContext {
  readonly services: readonly ApiService[];
  readonly lastLines: readonly string[];
  readonly style: Style;
  readonly now: number;
}

/** The lines of a service in detail. */
export function statusScreen(service: ApiService, context: StatusContext): string[] {
  const { style, now } = context;
  const since = Date.parse(service.since);
  const say = remark(service, context.services, style, now);
  const head = `${glyph(style, service.state)} ${escapeLine(service.name)}  ${stateText(service)}${say === '' ? '' : `  ${say}`}`;
  const rows: readonly (readonly [string, string])[] = [
    ['about', escapeLine(service.description)],
    ['kind', escapeLine(`${service.kind}, ${service.execution}${service.shell ? ', shell' : ''}`)],
    ['since', `${timestamp(since)} (${ago(since, now)})`],
    ['reason', escapeLine(service.reason?.text ?? '')],
    ['says', saysRow(service)],
    ['health', healthRow(service, now)],
    ['process', service.pid === null ? '' : `pid ${service.pid}, run ${service.run}`],
    ['held by', heldRow(service)],
    ['runs as', confinedRow(service)],
    ['limits', limitsRow(service)],
    ['restarts', service.restarts === 0 ? '' : String(service.restarts)],
    ['last end', endingText(service)],
    ['start', service.last_start_ms === null ? '' : took(service.last_start_ms)],
    ['wanted', service.pin === 'none' ? service.desired : `${service.desired} (pinned)`],
    ['waits for', names(service.waiting_for)],
    ['degraded', service.degraded_by.length === 0 ? '' : `lost ${names(service.degraded_by)}`],
    ['needs', namesWithState(service.depends_on, context)],
    ['needed by', namesWithState(service.dependents, context)],
    ['address', service.urls.map(escapeLine).join('  ')],
    ['next run', escapeLine(service.next_run_at ?? '')],
    ['outdated', service.outdated ? 'runs with an older definition (rouse restart applies the new one)' : ''],
    [
      'defined',
      service.origin === null
        ? ''
        : escapeLine(`${service.origin.file}:${service.origin.line}:${service.origin.column}`),
    ],
  ];
  const shown = rows.filter(([, value]) => value !== '').map(([key, value]) => `  ${key.padEnd(9)}  ${value}`);
  return [
    head,
    ...shown,
    ...context.lastLines.map((text) => `  │ ${escapeLine(text)}`.replace('│', style.glyphs === 'ascii' ? '|' : '│')),
  ];
}

// Where something is to be said of its state, its own words are among them already.
function saysRow({ saying, reason }: ApiService): string {
  return saying === null || reason?.text.includes(saying) === true ? '' : escapeLine(saying);
}

function healthRow({ health }: ApiService, now: number): string {
  if (health.healthy === null) return escapeLine(health.message);
  const when = health.last_check === null ? '' : ` (${ago(Date.parse(health.last_check), now)})`;
  return `${health.healthy ? 'healthy' : 'unhealthy'}${health.message === '' ? '' : `: ${escapeLine(health.message)}`}${when}`;
}

function heldRow({ tree, tree_note: why }: ApiService): string {
  if (tree === null) return '';
  if (tree === 'cgroup') return 'a control group';
  return `session, parents and environment${why === null ? '' : ` (${escapeLine(why)})`}`;
}

/** As whom it runs and what it is kept from; what goes without saying is left away, but never that it is root. */
function confinedRow({ confined }: ApiService): string {
  if (confined === null) return '';
  const { user, uid, sandbox, network, no_new_privileges: isBound, note } = confined;
  const name = user === null ? String(uid) : `${escapeLine(user)} (${uid})`;
  const may = isBound ? '' : note === null ? 'may gain rights' : `may gain rights: ${escapeLine(note)}`;
  const words = [
    uid === 0 && user === null ? 'root' : name,
    sandbox === 'default' ? '' : sandbox === 'none' ? 'no sandbox' : 'strict sandbox',
    network === 'none' ? 'no network' : '',
    may,
  ];
  return words.filter((word) => word !== '').join(', ');
}

const limitsRow = ({ limits }: ApiService): string =>
  limits.map(({ name, enforced, why }) => escapeLine(enforced ? name : `${name} not held: ${why ?? ''}`)).join(', ');

const names = (list: readonly string[]): string => list.map(escapeLine).join(', ');

function namesWithState(list: readonly string[], { services, style }: StatusContext): string {
  return list
    .map((name) => {
      const state = services.find((service) => service.name === name)?.state;
      return state === undefined ? escapeLine(name) : `${glyph(style, state)} ${escapeLine(name)}`;
    })
    .join('  ');
}
