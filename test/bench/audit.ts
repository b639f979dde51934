/** What the audit trail costs: an order over the API with and without it, and a look at a long trail. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { verifyTrail } from '../../src/audit/verify.ts';
import { AuditWriter } from '../../src/audit/writer.ts';
import { createApp } from '../../src/api/app.ts';
import { ADMIN_DOOR } from '../../src/api/door.ts';
import { UNRECORDED } from '../../src/api/unrecorded.ts';
import { systemClock } from '../../src/clock/system.ts';
import type { AuditLog } from '../../src/ports/audit-log.ts';
import { givenParts } from '../api/given.ts';
import { entryOf } from '../audit/given.ts';
import type { Figure } from './figure.ts';

const ORDERS = 1000;
const PAUSE_MS = 2;
const RECORDS = 100_000;
const TOGETHER = 500;

/** The figures of the trail. Errors: throws when an order is not carried out, or the trail is not whole. */
export async function audit(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'rb-'));
  try {
    return [...(await orders(join(folder, 'audit.jsonl'))), ...(await verifying(join(folder, 'long.jsonl')))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const writerOf = (path: string): AuditWriter =>
  new AuditWriter({
    path,
    clock: systemClock({ keepAlive: 'yes' }),
    boot: 'bench',
    host: 'bench',
    failure: () => 'refuse',
  });

async function orders(path: string): Promise<readonly Figure[]> {
  await using writer = writerOf(path);
  const own = appWith(writer);
  const bare = appWith(UNRECORDED);
  const taken: number[] = [];
  const floors: number[] = [];
  for (let order = 0; order < ORDERS; order += 1) {
    // Nobody gives a thousand orders without a pause; the head of the one before is written within it.
    await setTimeout(PAUSE_MS);
    floors.push(await milliseconds(bare));
    taken.push(await milliseconds(own));
  }
  const figure = (name: string, share: number, goal: string): Figure => {
    const [value, floor] = [quantile(taken, share), quantile(floors, share)];
    return { name: `an order put on record first, ${name}`, value, unit: 'ms', floor, goal };
  };
  return [figure('p50', 0.5, 'printed'), figure('p99', 0.99, 'at most 3 ms over the floor')];
}

type App = ReturnType<typeof createApp>;

function appWith(log: AuditLog): App {
  return createApp({ ...givenParts().parts, audit: log }, ADMIN_DOOR);
}

async function milliseconds(app: App): Promise<number> {
  const from = performance.now();
  const answer = await app.request('/api/v1/system/watch', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"watch":"off"}',
  });
  await answer.text();
  assert.equal(answer.status, 200, 'the order is carried out');
  return performance.now() - from;
}

async function verifying(path: string): Promise<readonly Figure[]> {
  {
    await using writer = writerOf(path);
    for (let record = 0; record < RECORDS; record += TOGETHER)
      await Promise.all(Array.from({ length: TOGETHER }, () => writer.before(entryOf('service.stop'))));
  }
  const from = performance.now();
  const verdict = await verifyTrail({ path, from: null, expected: null, anchorFiles: [] });
  const value = performance.now() - from;
  assert.equal(verdict.verdict, 'whole');
  assert.equal(verdict.records >= RECORDS, true);
  return [{ name: `verify ${RECORDS} records`, value, unit: 'ms', floor: null, goal: 'about 2 s' }];
}

function quantile(numbers: readonly number[], share: number): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor((numbers.length - 1) * share)] ?? Number.NaN;
}
