/** A trail in a folder of its own, and what a test does to it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyTrail } from '../../src/audit/verify.ts';
import { AuditWriter, type WriterOptions } from '../../src/audit/writer.ts';
import { systemClock } from '../../src/clock/system.ts';
import type { AuditEntry, AuditHead, AuditVerdict } from '../../src/model/audit.ts';

/** An entry of somebody who asked over the socket. */
export function entryOf(action: string, fields: Partial<AuditEntry> = {}): AuditEntry {
  return {
    stage: 'request',
    request: 'req_1',
    actor: { via: 'unix', uid: 0, pid: 7, token: null, name: 'unix:admin.sock', role: 'admin' },
    remote: null,
    action,
    target: 'web',
    params: {},
    outcome: null,
    status: null,
    reason: null,
    ms: null,
    ...fields,
  };
}

/** A trail that a test writes and tampers with. */
export class GivenTrail implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'rouse-audit-'));
  readonly path = join(this.folder, 'audit.jsonl');
  readonly anchors: AuditHead[] = [];

  writer(fields: Partial<WriterOptions> = {}): AuditWriter {
    return new AuditWriter({
      path: this.path,
      clock: systemClock({ keepAlive: 'yes' }),
      boot: 'boot',
      host: 'vm',
      failure: () => 'refuse',
      anchor: (head) => this.anchors.push(head),
      ...fields,
    });
  }

  /** Writes so many records, one after the other in one write. */
  async write(count: number, fields: Partial<WriterOptions> = {}): Promise<void> {
    await using writer = this.writer(fields);
    await Promise.all(
      Array.from({ length: count }, (_, at) => writer.before(entryOf('service.stop', { params: { at } }))),
    );
  }

  lines(path = this.path): string[] {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  }

  rewrite(lines: readonly string[], path = this.path): void {
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  }

  verify(expected: AuditHead | null = null): Promise<AuditVerdict> {
    return verifyTrail({ path: this.path, from: null, expected, anchorFiles: [] });
  }

  /** The kinds of what is wrong, each with its line. */
  async faults(expected: AuditHead | null = null): Promise<string[]> {
    const { faults } = await this.verify(expected);
    return faults.map(({ kind, line }) => `${kind} ${line ?? '-'}`);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
