/**
 * How long `GET /api/v1/services/status` takes at the 99th of a hundred while somebody tries to use the daemon up.
 *
 * A real daemon with two listeners: whoever measures asks by the socket, as an operator at the machine does; whoever
 * attacks comes by the address, with or without a token, from a process of its own. The floor is the same without attack.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { type Installed, install } from './installed.ts';

const PATH = '/api/v1/services/status';
const SINGLES = 300;
/** After this no other is asked, so that an attack which succeeds is told by its figure; ms. */
const LONGEST_MS = 30_000;
/** Pause between two questions; ms. */
const PAUSE_MS = 5;
const GOAL = 'under 200 ms';

const ATTACKER = join(import.meta.dirname, 'attacker.ts');

/** What is tried, in the order of the table: the word that the attacker knows it by, and how it is told. */
const ATTACKS = [
  ['bodies', 'bodies of 4 MiB, 20 at a time'],
  ['nesting', 'documents nested 100,000 deep'],
  ['slow', '900 connections that send a byte a second'],
  ['streams', 'streams opened as fast as possible, none of them read'],
  ['guessing', 'wrong credentials as fast as possible'],
  ['patterns', 'searches of the output with `(a+)+$`'],
  ['definitions', 'definitions of 4,000 services to be validated'],
  ['flood', 'a service that prints as fast as it can'],
] as const;

/** The figures of resource attacks. Errors: throws when an answer is not the status of every service. */
export async function attacks(): Promise<readonly Figure[]> {
  using installed = install();
  writeFileSync(join(installed.folder, 'rouse.toml'), definition());
  await installed.rouse('daemon', 'start', '--listen', '127.0.0.1:0');
  try {
    const target = await targetOf(installed);
    await installed.rouse('start', 'calm');
    const floor = await latency(target.socket);
    const figures: Figure[] = [{ name: 'status, p99, in peace', value: floor, unit: 'ms', floor: null, goal: GOAL }];
    for (const [word, told] of ATTACKS) {
      const value = await during(installed, target, word);
      figures.push({ name: `status, p99: ${told}`, value, unit: 'ms', floor, goal: GOAL });
    }
    return figures;
  } finally {
    await installed.rouse('down');
    await installed.rouse('daemon', 'stop').catch(() => undefined);
  }
}

function definition(): string {
  const dormant = Array.from(
    { length: 20 },
    (_, at) => `[services.d${at}]\ncommand = "sleep 600"\nautostart = false\n`,
  );
  const calm = '[services.calm]\ncommand = "sleep 600"\n';
  const flood = '[services.flood]\ncommand = ["yes", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"]\nautostart = false\n';
  return [...dormant, calm, flood].join('\n');
}

interface Target {
  readonly socket: string;
  readonly port: number;
  readonly token: string;
}

async function targetOf(installed: Installed): Promise<Target> {
  const made: unknown = JSON.parse(
    (await installed.rouse('token', 'new', 'bench', '--role', 'admin', '--json')).stdout,
  );
  const said: unknown = JSON.parse((await installed.rouse('daemon', 'status', '--json')).stdout);
  assert(isRecord(made) && isRecord(said) && typeof made['token'] === 'string' && typeof said['socket'] === 'string');
  const port = /127\.0\.0\.1:(\d+)/.exec(JSON.stringify(said['listeners']))?.[1];
  assert(port !== undefined, 'the daemon says where it listens');
  return { socket: said['socket'], port: Number(port), token: made['token'] };
}

async function during(installed: Installed, target: Target, word: string): Promise<number> {
  if (word === 'flood') {
    await installed.rouse('start', 'flood');
    const value = await latency(target.socket);
    await installed.rouse('stop', 'flood');
    return value;
  }
  await using _attack = await attack(target, word);
  return await latency(target.socket);
}

/** Resolves when the attack is under way; disposing ends it. Errors: throws when it is not there any more by then. */
async function attack({ port, token }: Target, word: string): Promise<AsyncDisposable> {
  const child = spawn(process.execPath, [ATTACKER, word, String(port)], {
    env: { ...process.env, ROUSE_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [chunk]: unknown[] = await Promise.race([once(child.stdout, 'data'), ended]);
  assert.match(String(chunk), /^under way/);
  return {
    [Symbol.asyncDispose]: async () => {
      assert(child.exitCode === null, `${word} went on to the end`);
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The 99th of a hundred, of fewer questions the slowest; ms. */
async function latency(socketPath: string): Promise<number> {
  const taken: number[] = [];
  const late = performance.now() + LONGEST_MS;
  for (let single = 0; single < SINGLES && performance.now() < late; single += 1) {
    const from = performance.now();
    const text = await get(socketPath);
    taken.push(performance.now() - from);
    assert.equal(text.match(/"name"/g)?.length, 22, 'the status of every service');
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  const sorted = taken.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}

// A connection each time: what is measured is also whether one can still be had.
function get(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: PATH, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
