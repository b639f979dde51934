/**
 * Tasks that run by themselves: who is due when, and what happens if the last run is not over.
 *
 * For each schedule one moment is kept, of wall time: up to when it has been looked after. What is due lies after it and
 * not after now; then the task runs once, however many moments went by, and the mark moves to now. So a clock that steps
 * back runs nothing twice (it waits until the mark is passed; after more than three hours back it begins anew), and one
 * that jumps ahead runs a task at most once: a moment that is late by more than a minute was missed, and `catch_up` says
 * whether it is made up for. The wait is cut every half minute, so that a step of the clock is seen within that.
 * While nothing of the project is wanted up, nothing falls due. Source: cron(8) of Vixie cron for steps of the clock.
 */
import type { ApiParts } from '../api/parts.ts';
import { nextAfter, parseCron } from '../model/cron.ts';
import type { Actor } from '../model/change.ts';
import { RouseError } from '../model/errors.ts';
import type { Schedule, ServiceName, Spec } from '../model/spec.ts';
import type { ServiceView } from '../model/view.ts';
import type { Supervisor } from '../supervisor/port.ts';

/** The longest wait between two looks at the clock; ms. */
const LOOK_MS = 30_000;
/** What is later than that was missed; ms. */
const LATE_MS = 60_000;
/** A clock that is set back by more has been wrong, and is believed from now on; ms. */
const BACK_MS = 3 * 3_600_000;

/** By task: up to when its schedule has been looked after. Units: epoch ms. */
export type Marks = Readonly<Record<ServiceName, number>>;

/** What schedules need. `write` must not throw. */
export interface ScheduleParts {
  readonly supervisor: Pick<Supervisor, 'definition' | 'service' | 'request' | 'note'>;
  readonly clock: ApiParts['clock'];
  readonly read: () => Marks;
  readonly write: (marks: Marks) => void;
  /** Takes a line of the daemon's own log. */
  readonly say: (line: string) => void;
}

const BY_SCHEDULE: Actor = { via: 'rouse', name: 'schedule' };

/** The schedules of a daemon, from its making until it is disposed. */
export class Schedules implements Disposable {
  readonly #parts: ScheduleParts;
  readonly #marks = new Map<ServiceName, number>();
  readonly #queued = new Set<ServiceName>();
  #timer: Disposable | null = null;
  #state: 'running' | 'ended' = 'running';

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
    for (const [name, mark] of Object.entries(parts.read())) this.#marks.set(name, mark);
    this.look();
  }

  /** Runs what is due, and sets the time of the next look: also to be called after a new definition. */
  look(): void {
    if (this.#state === 'ended') return;
    this.#timer?.[Symbol.dispose]();
    const { clock, supervisor } = this.#parts;
    const specs = supervisor.definition().services.filter(({ schedule }) => schedule !== null);
    const before = JSON.stringify([...this.#marks]);
    const isUp = specs.length > 0 && this.#isProjectUp();
    const waits = specs.map((spec) => this.#lookAt(spec, isUp ? 'up' : 'down'));
    const names = new Set(specs.map(({ name }) => name));
    for (const name of this.#marks.keys()) if (!names.has(name)) this.#marks.delete(name);
    if (JSON.stringify([...this.#marks]) !== before) this.#parts.write(Object.fromEntries(this.#marks));
    // Without a schedule there is nothing to wait for but another definition.
    if (specs.length > 0) this.#timer = clock.after(Math.max(1, Math.min(LOOK_MS, ...waits)), () => this.look());
  }

  /** A task has moved: one that is queued for it may run now. */
  moved(name: ServiceName): void {
    if (this.#state === 'ended' || !this.#queued.has(name)) return;
    if (isBusy(this.#parts.supervisor.service(name))) return;
    this.#queued.delete(name);
    this.#run(name, 'run');
  }

  [Symbol.dispose](): void {
    this.#state = 'ended';
    this.#timer?.[Symbol.dispose]();
  }

  /** A project of nothing but what runs at times is up as long as its daemon lives. */
  #isProjectUp(): boolean {
    const { supervisor } = this.#parts;
    const own = supervisor.definition().services.filter(({ autostart }) => autostart === 'yes');
    return own.length === 0 || own.some(({ name }) => supervisor.service(name).desired === 'up');
  }

  /** How long it is until the task is due next; ms. */
  #lookAt({ name, schedule }: Spec, project: 'up' | 'down'): number {
    if (schedule === null) return LOOK_MS;
    const now = this.#parts.clock.now();
    const known = this.#marks.get(name) ?? now;
    const mark = known > now + BACK_MS || project === 'down' ? now : known;
    this.#marks.set(name, mark);
    const due = dueAfter(schedule, mark);
    if (due === null) return LOOK_MS;
    if (due > now) return due - now;
    this.#marks.set(name, now);
    if (now - due <= LATE_MS || schedule.catchUp === 'once') this.#fall(name, schedule, due);
    else this.#tell(name, 'missed', `it was due at ${new Date(due).toISOString()}, when no daemon lived`);
    const next = dueAfter(schedule, now);
    return next === null ? LOOK_MS : next - now;
  }

  #fall(name: ServiceName, { overlap }: Schedule, due: number): void {
    const view = this.#parts.supervisor.service(name);
    const when = `due at ${new Date(due).toISOString()}`;
    if (view.pin === 'down') this.#tell(name, 'skipped', `${when}, and it is pinned down`);
    else if (!isBusy(view)) this.#run(name, 'run');
    else if (overlap === 'skip') this.#tell(name, 'skipped', `${when}, and the last run is not over`);
    else if (overlap === 'replace') this.#run(name, 'restart');
    else {
      this.#queued.add(name);
      this.#tell(name, 'queued', `${when}, and runs when the last run is over`);
    }
  }

  #run(name: ServiceName, action: 'run' | 'restart'): void {
    const rest = { dependencies: 'closure', dependents: 'leave', completed: 'again', by: BY_SCHEDULE } as const;
    try {
      this.#parts.supervisor.request({ action, services: [name], ...rest });
      this.#tell(name, 'started', action === 'run' ? 'it is due' : 'it is due, and takes the place of the last run');
    } catch (error) {
      // The next moment comes; until then the reason is kept for whoever looks.
      if (!(error instanceof RouseError)) throw error;
      this.#tell(name, 'refused', error.message);
    }
  }

  #tell(service: ServiceName, result: 'started' | 'skipped' | 'queued' | 'missed' | 'refused', text: string): void {
    this.#parts.say(`schedule: ${service} ${result}: ${text}`);
    try {
      this.#parts.supervisor.note({ type: 'schedule.due', service, result, text }, BY_SCHEDULE);
    } catch (error) {
      // The daemon is ending; its log has the line.
      if (!(error instanceof RouseError)) throw error;
    }
  }
}

function dueAfter({ cron, timezone }: Schedule, mark: number): number | null {
  const read = parseCron(cron);
  return 'fault' in read ? null : nextAfter(read, timezone, mark);
}

const isBusy = ({ phase }: ServiceView): boolean =>
  ['waiting', 'starting', 'ready', 'stopping', 'backoff', 'unknown'].includes(phase);
