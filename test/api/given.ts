// An app over a fake supervisor, asked without a socket.
import type { Hono } from 'hono';
import { createApp } from '../../src/api/app.ts';
import { ADMIN_DOOR, type Door } from '../../src/api/door.ts';
import type { ApiParts } from '../../src/api/parts.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { seededRandom } from '../../src/clock/random.ts';
import { DefinitionError, NotFoundError } from '../../src/model/errors.ts';
import { type FakeAudit, type FakeTokens, fakeAudit, fakeTokens } from './fake-access.ts';
import { AT, type FakeSupervisor, definition, fakeSupervisor, spec } from './fake-supervisor.ts';

export interface Given {
  readonly app: Hono;
  readonly parts: ApiParts;
  readonly supervisor: FakeSupervisor;
  readonly clock: VirtualClock;
  readonly ending: AbortController;
  /** Leases that were lost, by id. */
  readonly lost: string[];
  readonly stops: string[];
  /** Numbers of web that were asked for, and `kept` when one was. */
  readonly scaled: (number | string | null)[];
  readonly reported: unknown[];
  readonly audit: FakeAudit;
  readonly tokens: FakeTokens;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

export function givenParts(): Omit<Given, 'app' | 'get' | 'post'> {
  const supervisor = fakeSupervisor();
  const clock = new VirtualClock(AT + 10_000);
  const ending = new AbortController();
  const lost: string[] = [];
  const stops: string[] = [];
  const scaled: (number | string | null)[] = [];
  const reported: unknown[] = [];
  const audit = fakeAudit();
  const tokens = fakeTokens();
  const leases = new Map<string, AbortController>();
  let files: readonly string[] = ['/p/rouse.toml'];
  const parts: ApiParts = {
    supervisor,
    clock,
    random: seededRandom(1),
    audit,
    tokens,
    listeners: () => [{ address: '/run/rouse/shop/admin.sock', kind: 'unix', role: 'admin', tls: false }],
    facts: {
      pid: 4711,
      version: '0.1.0',
      started_by: 'up',
      socket: '/run/rouse/shop/admin.sock',
      state_directory: '/var/lib/rouse/shop',
      path: '/usr/bin:/bin',
      startedAt: AT,
      uid: 0,
    },
    definitions: {
      files: () => files,
      scale: (service, replicas) => {
        if (service !== 'web') throw new NotFoundError('RSE4001', `cannot scale "${service}"`);
        scaled.push(replicas);
        const next = definition([spec('db'), spec('web', { hash: 'scaled' })], { hash: 'scaled' });
        return Promise.resolve({ definition: next, keep: () => scaled.push('kept') });
      },
      parse: (document) => {
        if (!isDocument(document)) {
          const rest = {
            origin: null,
            length: 1,
            path: ['services'],
            suggestion: null,
            hint: null,
            also: [],
            services: [],
          };
          throw new DefinitionError([{ code: 'RSE1103', message: 'the key "services" is missing', ...rest }]);
        }
        return definition(
          Object.keys(document.services).map((name) => spec(name)),
          { name: document.name, hash: 'def' },
        );
      },
      look: () => Promise.resolve(definition([spec('db'), spec('web', { hash: 'other' })], { hash: 'loaded' })),
      load: (order) => {
        files = order.files;
        return Promise.resolve(definition([spec('db'), spec('web', { hash: 'other' })], { hash: 'loaded' }));
      },
    },
    control: {
      state: () => 'running',
      ending: ending.signal,
      stop: (mode) => {
        stops.push(mode);
        return { change: null, daemon: 'ends' };
      },
      lease: () => {
        const id = `lease-${leases.size + 1}`;
        const given = new AbortController();
        leases.set(id, given);
        return { id, given: given.signal, lost: () => lost.push(id) };
      },
      watch: (mode) => {
        stops.push(`watch ${mode}`);
      },
      detach: (id) => {
        leases.get(id)?.abort();
        return leases.delete(id) ? 'done' : 'unknown';
      },
      leases: () => leases.size,
    },
    report: (_, error) => {
      reported.push(error);
    },
  };
  return { parts, supervisor, clock, ending, lost, stops, scaled, reported, audit, tokens };
}

export function givenApp(door: Door = ADMIN_DOOR): Given {
  const rest = givenParts();
  const app = createApp(rest.parts, door);
  return {
    ...rest,
    app,
    get: async (path, headers = {}) => app.request(path, { headers }),
    post: async (path, body, headers = {}) =>
      app.request(path, {
        method: 'POST',
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}

/** The content of a good answer. */
export async function contentOf<T = unknown>(response: Response): Promise<T> {
  const body = (await response.json()) as { success: boolean; data: T };
  if (!body.success) throw new Error(JSON.stringify(body));
  return body.data;
}

/** A stream read by the message: each `next` is what one message says, `end` closes it as a reader would. */
export function readerOf(response: Response): { next(): Promise<string>; end(): Promise<void> } {
  if (response.body === null) throw new Error('the answer has no body');
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  return {
    next: async () => {
      const { value } = await reader.read();
      return value === undefined ? '<end>' : decoder.decode(value as Uint8Array);
    },
    end: () => reader.cancel(),
  };
}

function isDocument(value: unknown): value is { name: string; services: Record<string, unknown> } {
  return typeof value === 'object' && value !== null && 'services' in value && 'name' in value;
}
