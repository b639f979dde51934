import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock/system.ts';
import { changedFields } from '../../src/daemon/automatic.ts';
import { Trail } from '../../src/daemon/trail.ts';
import type { AuditRecord } from '../../src/model/audit.ts';
import type { Actor } from '../../src/model/change.ts';
import type { ProjectRecord, RecordBody } from '../../src/model/record.ts';
import { definition, fakeSupervisor, spec } from '../api/fake-supervisor.ts';
import { entryOf } from '../audit/given.ts';

const POLICY: Actor = { via: 'policy', name: 'rouse' };

const record = (seq: number, body: RecordBody, actor = POLICY): ProjectRecord => ({ seq, at: 0, actor, body });

const phase = (to: 'stopping' | 'ready' | 'backoff', code: 'unhealthy' | 'asked' | 'ready'): RecordBody => ({
  type: 'service.phase',
  service: 'web',
  from: 'starting',
  to,
  run: 3,
  reason: code === 'unhealthy' ? { code, failures: 3, message: null } : { code },
  text: 'in words',
  elapsedMs: 5,
  pid: 9,
});

test('what is done by rules is on record, what people asked for is not told twice, and a gap is a record', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rouse-trail-'));
  const path = join(folder, 'audit.jsonl');
  try {
    const supervisor = fakeSupervisor();
    const said: string[] = [];
    const started: RecordBody = { type: 'system.started', version: '1', pid: process.pid, previous: 'killed' };
    supervisor.kept = [
      record(1, { type: 'system.started', version: '1', pid: 1, previous: 'none' }),
      record(2, started),
    ];
    const clock = systemClock({ keepAlive: 'yes' });
    {
      await using trail = await Trail.open({ path, definition: definition([]), clock, say: (line) => said.push(line) });
      trail.follow(supervisor);
      await supervisor.subscribed;
      supervisor.publish(record(2, started));
      supervisor.publish(record(3, phase('stopping', 'unhealthy')));
      supervisor.publish(record(4, phase('stopping', 'asked')));
      supervisor.publish(record(5, phase('ready', 'ready')));
      supervisor.publish({ type: 'gap', dropped: 12 });
      supervisor.publish(record(18, phase('backoff', 'unhealthy')));
      // By when it is on disk, everything that was published has been read.
      await trail.log.before(entryOf('service.stop'));
    }
    const records = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditRecord)
      .filter(({ stage }) => stage === 'system');
    expect(records.map(({ stage, action, target, reason }) => [stage, action, target, reason])).toEqual([
      ['system', 'system.started', null, null],
      ['system', 'service.stopping', 'web', 'in words'],
      ['system', 'audit.gap', null, null],
      ['system', 'service.restart', 'web', 'in words'],
    ]);
    expect(records[0]?.params).toEqual({ version: '1', pid: process.pid, previous: 'killed' });
    expect(records[2]?.params).toEqual({ dropped: 12 });
    expect(said.filter((line) => line.startsWith('audit anchor 4:'))).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a definition is on record by the names of what differs, never by what it says', () => {
  const before = definition([spec('db'), spec('web', { env: { KEY: 'old secret' }, hash: 'one' })]);
  const after = definition([spec('db'), spec('web', { env: { KEY: 'new secret' }, hash: 'other' }), spec('new')]);
  expect(changedFields(before, after)).toEqual(['web.env']);
});
