/**
 * The floor of starting: a program that only spawns the same commands, each when what it needs has said that it is ready.
 * No checks, logs, records or safety. Argument: a file with `[{name, needs, argv}]`.
 * Prints the milliseconds from the first spawn until all are ready, then ends them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface Row {
  readonly name: string;
  readonly needs: readonly string[];
  readonly argv: readonly string[];
}

const rows: readonly Row[] = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const missing = new Map(rows.map(({ name, needs }) => [name, needs.length]));
const dependents = new Map<string, Row[]>(rows.map(({ name }) => [name, []]));
for (const row of rows) for (const need of row.needs) dependents.get(need)?.push(row);
const children: ChildProcess[] = [];
let waiting = rows.length;
const from = performance.now();
for (const row of rows) if (row.needs.length === 0) start(row);

function start({ name, argv: [file = '', ...args] }: Row): void {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  children.push(child);
  child.stdio[3]?.once('data', () => isReady(name));
}

function isReady(name: string): void {
  waiting -= 1;
  for (const row of dependents.get(name) ?? []) {
    const left = (missing.get(row.name) ?? 0) - 1;
    missing.set(row.name, left);
    if (left === 0) start(row);
  }
  if (waiting > 0) return;
  process.stdout.write(String(performance.now() - from));
  for (const child of children) child.kill('SIGKILL');
}
