/** `GET /api/v1/services/status` through the app in this process, the real supervisor behind it, beside a bare app. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { createApp } from '../../src/api/app.ts';
import { ADMIN_DOOR } from '../../src/api/door.ts';
import type { ApiParts } from '../../src/api/parts.ts';
import { NO_TOKENS, UNRECORDED } from '../../src/api/unrecorded.ts';
import { systemRandom } from '../../src/clock/random.ts';
import { systemClock } from '../../src/clock/system.ts';
import { createSupervisor } from '../../src/supervisor/create.ts';
import type { Supervisor } from '../../src/supervisor/port.ts';
import type { Figure } from './figure.ts';
import { median } from './figure.ts';
import { trivialSpec } from './trivial-spec.ts';
import { PLAIN_POLICY } from '../../src/model/policy.ts';

const PATH = '/api/v1/services/status';
const ROUNDS = 5;
const REQUESTS = 5000;
const SINGLES = 500;

type App = Pick<Hono, 'request'>;

/** The figures of the API. Errors: throws when an answer is not the status of every service. */
export async function api(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rb-'));
  try {
    return [...(await withServices(folder, 20, rates)), ...(await withServices(folder, 500, latencies))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An app over so many services that were never started, and one that answers the same bytes and does nothing else. */
async function withServices<T>(folder: string, count: number, use: (app: App, bare: App) => Promise<T>): Promise<T> {
  const services = Array.from({ length: count }, (_, index) => trivialSpec(`s${index}`, []));
  await using supervisor = createSupervisor({
    definition: {
      name: 'bench',
      directory: folder,
      files: [],
      services,
      settings: {
        orchestration: 'enabled',
        orchestrationOrigin: null,
        dependencyStart: 'automatic',
        dependencyStartOrigin: null,
        nuPath: null,
        provisioningPath: null,
      },
      policy: PLAIN_POLICY,
      hash: 'bench',
    },
    folders: { logs: join(folder, 'logs'), runs: join(folder, 'runs'), store: null },
    path: '/usr/bin:/bin',
    environment: {},
    functions: () => undefined,
    keepAlive: 'no',
  });
  const app = createApp(partsOf(supervisor), ADMIN_DOOR);
  const text = await (await app.request(PATH)).text();
  const { data: statuses }: { data: readonly unknown[] } = JSON.parse(text);
  assert.equal(statuses.length, count, 'the status of every service');
  const bare = new Hono();
  bare.get(PATH, (context) => context.body(text, 200, { 'content-type': 'application/json' }));
  return await use(app, bare);
}

async function rates(app: App, bare: App): Promise<readonly Figure[]> {
  const own: number[] = [];
  const floors: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    floors.push(await perCpuSecond(bare));
    own.push(await perCpuSecond(app));
  }
  const name = 'statuses of 20 services a CPU second, no socket';
  return [{ name, value: median(own), unit: '/s', floor: median(floors), goal: '15,000' }];
}

async function latencies(app: App, bare: App): Promise<readonly Figure[]> {
  const own: number[] = [];
  const floors: number[] = [];
  for (let single = 0; single < SINGLES; single += 1) {
    floors.push(await milliseconds(bare));
    own.push(await milliseconds(app));
  }
  const name = 'statuses of 500 services, one request, no socket';
  return [{ name, value: median(own), unit: 'ms', floor: median(floors), goal: 'under 2.5 ms' }];
}

async function perCpuSecond(app: App): Promise<number> {
  const before = process.cpuUsage();
  for (let request = 0; request < REQUESTS; request += 1) await (await app.request(PATH)).text();
  const { user, system } = process.cpuUsage(before);
  return REQUESTS / ((user + system) / 1e6);
}

async function milliseconds(app: App): Promise<number> {
  const from = performance.now();
  await (await app.request(PATH)).text();
  return performance.now() - from;
}

function partsOf(supervisor: Supervisor): ApiParts {
  const unused = (): never => assert.fail('a status needs none of this');
  return {
    supervisor,
    definitions: { files: () => [], parse: unused, load: unused, look: unused, scale: unused },
    facts: {
      pid: process.pid,
      version: '0.0.0',
      started_by: 'up',
      socket: '/bench/admin.sock',
      state_directory: '/bench/state',
      path: '/usr/bin:/bin',
      startedAt: 0,
      uid: 0,
    },
    control: {
      state: () => 'running',
      ending: new AbortController().signal,
      stop: unused,
      lease: unused,
      detach: () => 'unknown',
      watch: unused,
      leases: () => 0,
    },
    clock: systemClock({ keepAlive: 'no' }),
    random: systemRandom(),
    audit: UNRECORDED,
    tokens: NO_TOKENS,
    listeners: () => [],
    report: (_, error) => {
      throw error;
    },
  };
}
