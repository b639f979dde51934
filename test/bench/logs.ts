/** What output costs: its speed beside a plain file, the daemon's time for it, and what is lost while the daemon is killed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '../../src/client/client.ts';
import { systemClock } from '../../src/clock/system.ts';
import type { Figure } from './figure.ts';
import { median } from './figure.ts';
import { type Installed, install } from './installed.ts';

const ROUNDS = 3;
const WRITTEN_MB = 1024;
const KEPT_BYTES = 64 * 1024 * 1024;

/** Writes numbered lines of a KiB, 64 KiB a write, and notes how long that took. */
const FLOOD = `use Time::HiRes 'time'; my ($mb, $witness) = @ARGV; my $n = 0; my $from = time;
for (1 .. $mb * 16) { my $b = ''; $b .= sprintf('%015d ', $n++) . ('x' x 1007) . "\\n" for 1 .. 64; my $o = 0;
while ($o < length $b) { $o += syswrite(STDOUT, $b, length($b) - $o, $o) // die $! } }
open my $w, '>', "$witness.new"; print $w time - $from; close $w; rename "$witness.new", $witness;`;

/** The figures of output. Errors: throws when a line of the kept part is missing. */
export async function logs(): Promise<readonly Figure[]> {
  using installed = install();
  const witness = join(installed.folder, 'witness');
  writeFileSync(join(installed.folder, 'flood.pl'), FLOOD);
  writeFileSync(
    join(installed.folder, 'rouse.toml'),
    `name = "bench"
[services.flood]
command = ["perl", "flood.pl", "${WRITTEN_MB}", "${witness}"]
autostart = false
restart = "no"
logs = { keep = "${KEPT_BYTES / 1024 / 1024}MiB" }
[services.rest]
command = ["sleep", "100000"]
`,
  );
  await installed.rouse('up', '-d');
  const bench = { installed, witness, client: clientOf(installed) };
  try {
    const alone = await rounds(bench, 'alone');
    const followed = await rounds(bench, 'followed');
    const floor = median(Array.from({ length: ROUNDS }, () => floorRate(bench)));
    const lost = await killed(bench);
    const goal = 'at least 0.9 of the floor';
    return [
      { name: 'output of 64 KiB writes, kept within 64 MiB', value: alone.rate, unit: 'MB/s', floor, goal },
      { name: 'the same while `logs -f` reads', value: followed.rate, unit: 'MB/s', floor, goal },
      { name: 'daemon, keeping', value: alone.cpu, unit: 's/GB', floor: null, goal: 'at most 0.75 s/GB' },
      {
        name: 'daemon, keeping and followed',
        value: followed.cpu,
        unit: 's/GB',
        floor: null,
        goal: 'at most 0.75 s/GB',
      },
      { name: 'lines lost with the daemon killed meanwhile', value: lost, unit: 'lines', floor: null, goal: '0' },
    ];
  } finally {
    await installed.rouse('down');
  }
}

interface Bench {
  readonly installed: Installed;
  readonly witness: string;
  readonly client: Client;
}

async function rounds(
  bench: Bench,
  mode: 'alone' | 'followed',
): Promise<{ readonly rate: number; readonly cpu: number }> {
  const rates: number[] = [];
  const costs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { pid } = await bench.client.daemon.status();
    const reader = mode === 'followed' ? await follower(bench) : null;
    const before = cpuSeconds(pid);
    rates.push(await flood(bench));
    costs.push(((cpuSeconds(pid) - before) / WRITTEN_MB) * 1024);
    reader?.kill('SIGKILL');
  }
  return { rate: median(rates), cpu: median(costs) };
}

/** MB a second of one run of the service, by its own clock. */
async function flood(bench: Bench): Promise<number> {
  await begin(bench);
  return WRITTEN_MB / (await seconds(bench.witness));
}

async function begin({ client, witness }: Bench): Promise<void> {
  rmSync(witness, { force: true });
  await client.changes.create({ action: 'start', services: ['flood'] });
}

async function follower({ installed }: Bench): Promise<ChildProcess> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const child = spawn(
    process.execPath,
    [join(installed.folder, '../program/bin/rouse.js'), 'logs', 'flood', '-f', '-n', '1'],
    {
      cwd: installed.folder,
      env: {
        ...process.env,
        ROUSE_RUNTIME_DIR: join(installed.folder, '../run'),
        ROUSE_STATE_DIR: join(installed.folder, '../state'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  child.stdout?.once('data', () => resolve(undefined)).resume();
  await promise;
  return child;
}

function floorRate({ installed, witness }: Bench): number {
  const path = join(installed.folder, 'floor.log');
  rmSync(witness, { force: true });
  const fd = openSync(path, 'a');
  spawnSync('perl', [join(installed.folder, 'flood.pl'), String(WRITTEN_MB), witness], {
    stdio: ['ignore', fd, 'inherit'],
  });
  closeSync(fd);
  rmSync(path);
  return WRITTEN_MB / Number(readFileSync(witness, 'utf8'));
}

/** Kills the daemon in the middle, starts another, and counts what is missing of what is kept. */
async function killed(bench: Bench): Promise<number> {
  const { installed } = bench;
  const { pid } = await bench.client.daemon.status();
  await begin(bench);
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.kill(pid, 'SIGKILL');
  await installed.rouse('daemon', 'start');
  await seconds(bench.witness);
  const client = clientOf(installed);
  const { run } = await client.services.get('flood');
  const path = join(installed.folder, '../state/bench/logs/flood', `${run}.log`);
  const numbers: number[] = [];
  for await (const { text } of client.logs.read({
    services: ['flood'],
    runs: 'last',
    signal: new AbortController().signal,
  }))
    numbers.push(Number(text.slice(0, 15)));
  assert.ok(numbers.length > 1000, `only ${numbers.length} lines are kept`);
  assert.ok(statSync(path).blocks * 512 <= 2 * KEPT_BYTES, 'more is on disk than twice what is to be kept');
  const first = numbers[0] ?? 0;
  const last = WRITTEN_MB * 1024 - 1;
  return last - first + 1 - new Set(numbers).size;
}

async function seconds(witness: string): Promise<number> {
  while (!existsSync(witness)) await new Promise((resolve) => setTimeout(resolve, 5));
  return Number(readFileSync(witness, 'utf8'));
}

function clientOf(installed: Installed): Client {
  return createClient({
    socketPath: join(installed.folder, '../run/bench/admin.sock'),
    clock: systemClock(),
    via: 'library',
  });
}

/** User and system time of a process; proc(5), a hundred ticks a second. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
