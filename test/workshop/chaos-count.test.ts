import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pathsOf } from '../../src/model/paths.ts';
import { countRemains } from '../chaos/count.ts';

const RUNS = 150;

test('a chaos run counts no lines as lost that retention has given up, and every other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'count-'));
  try {
    const paths = pathsOf({ runtime: folder, state: folder }, 'shop');
    const logs = join(paths.logs, 's1');
    mkdirSync(logs, { recursive: true });
    const runs = Array.from({ length: RUNS }, (_, at) => at + 1);
    writeFileSync(join(folder, 's1.runs'), runs.map((run) => `begin ${run} 1\nend ${run} 1 0\n`).join(''));
    // Of the last hundred one is missing, so that of the fifty before them the youngest is owed too.
    for (const run of runs.slice(50)) if (run !== 120) writeFileSync(join(logs, `${run}.log`), 'line 1 of 1\n');
    const { lostLines } = countRemains({ names: ['s1'], journal: folder, paths, records: [], kills: 0, mark: folder });
    expect(lostLines.filter((line) => line.startsWith('s1 run 120:'))).toHaveLength(1);
    writeFileSync(join(logs, '120.log'), 'line 1 of 1\n');
    const whole = countRemains({ names: ['s1'], journal: folder, paths, records: [], kills: 0, mark: folder });
    expect(whole.lostLines).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
