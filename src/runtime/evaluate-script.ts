/**
 * A definition that is a program: evaluated in a process of its own, within limits; only its JSON comes back.
 *
 * The script cannot reach the memory, the descriptors or the exit code of the process that asks. What it prints goes
 * nowhere. Its default export, or what that returns when it is a function, is the definition.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RouseError } from '../model/errors.ts';

/** Limits of an evaluation. Units: ms, MiB of heap, bytes of JSON. */
export interface ScriptLimits {
  readonly timeoutMs: number;
  readonly memoryMiB: number;
  readonly outputBytes: number;
}

/** Long enough to start Node and import a few packages; as much output as a definition file may have. */
const LIMITS: ScriptLimits = { timeoutMs: 10_000, memoryMiB: 256, outputBytes: 1024 ** 2 };

const STDERR_BYTES = 64 * 1024;

// Answers `{ value }` or `{ fault }` on descriptor 3. Exits by itself: open sockets and timers of the script must not
// keep it. What JSON would leave out silently is a fault.
const EVALUATE = `
const { writeSync } = require('node:fs');
const say = (answer) => {
  const bytes = Buffer.from(JSON.stringify(answer));
  for (let at = 0; at < bytes.length; ) at += writeSync(3, bytes, at);
  process.exit(0);
};
const strict = (key, value) => {
  if (['function', 'symbol', 'bigint'].includes(typeof value)) throw new TypeError('"' + key + '" is a ' + typeof value + ', which a file cannot give');
  return value;
};
import(process.argv[1])
  .then(async ({ default: made }) => {
    if (made === undefined) throw new TypeError('it has no default export');
    const value = typeof made === 'function' ? await made() : made;
    say({ value: JSON.parse(JSON.stringify(value, strict) ?? 'null') });
  })
  .catch((error) => say({ fault: { message: String(error?.message ?? error), stack: String(error?.stack ?? '') } }));
`;

/**
 * The value that a script makes. `environment` is all that the script sees of it.
 * Errors: RSE0105 the script failed, with the place in it where that is known; RSE0103 it took too long or too much
 * memory; RSE0104 it made more than may be read. Nothing of it is left running.
 */
export async function evaluateScript(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
  limits: ScriptLimits = LIMITS,
): Promise<unknown> {
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${limits.memoryMiB}`, '--no-warnings', '-e', EVALUATE, pathToFileURL(path).href],
    {
      cwd: dirname(path),
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      detached: true,
      timeout: limits.timeoutMs,
      killSignal: 'SIGKILL',
    },
  );
  const output = gather(child.stdio[3], limits.outputBytes + 1, () => killGroup(child));
  const complaints = gather(child.stderr, STDERR_BYTES, () => undefined);
  const ending = await ended(child, path);
  const made = output();
  if (made.length > limits.outputBytes)
    throw new RouseError('RSE0104', `cannot use "${path}": it made more than ${limits.outputBytes} bytes`);
  return answerOf(made.toString('utf8'), { path, limits, ending, complaints: complaints().toString('utf8') });
}

interface Outcome {
  readonly path: string;
  readonly limits: ScriptLimits;
  readonly ending: { readonly code: number | null; readonly signal: string | null };
  readonly complaints: string;
}

function answerOf(text: string, outcome: Outcome): unknown {
  const { path, limits, ending, complaints } = outcome;
  const answer = parsed(text);
  if (answer !== null && 'value' in answer) return answer.value;
  if (answer !== null && 'fault' in answer) throw faultOf(answer.fault, path);
  if (/heap out of memory/i.test(complaints))
    throw new RouseError('RSE0103', `cannot evaluate "${path}": it took more than ${limits.memoryMiB} MiB`);
  if (ending.signal === 'SIGKILL')
    throw new RouseError('RSE0103', `cannot evaluate "${path}": it took longer than ${limits.timeoutMs} ms`, {
      hint: 'a definition should only describe; move what takes long into a task',
    });
  const end = ending.signal === null ? `code ${ending.code}` : `signal ${ending.signal}`;
  throw new RouseError('RSE0105', `cannot evaluate "${path}": it ended by itself with ${end}`);
}

function parsed(text: string): object | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' ? answer : null;
  } catch {
    // Cut off or empty: the ending says why.
    return null;
  }
}

function faultOf(fault: unknown, path: string): RouseError {
  const words = typeof fault === 'object' && fault !== null ? fault : {};
  const message = 'message' in words ? String(words.message).split('\n', 1).join('') : 'unknown';
  const stack = 'stack' in words ? String(words.stack) : '';
  const place = placeIn(stack, path);
  const origin = place === null ? null : { file: path, ...place };
  return new RouseError('RSE0105', `cannot evaluate "${path}": ${message}`, { origin });
}

/** Where in the script a stack of Node's points; null when it does not. */
function placeIn(stack: string, path: string): { readonly line: number; readonly column: number } | null {
  const [first = '', ...rest] = stack.split('\n');
  const shown = [path, pathToFileURL(path).href].find((name) => first.startsWith(`${name}:`));
  if (shown !== undefined) {
    // The stripping of types names the line, shows it, and under it a mark.
    const mark = rest.find((line) => /^\s*\^+\s*$/.test(line)) ?? '^';
    return { line: Number(first.slice(shown.length + 1)), column: mark.indexOf('^') + 1 };
  }
  const frame = rest.find((line) => line.includes(`${pathToFileURL(path).href}:`)) ?? '';
  const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame.trim()) ?? [];
  return line === undefined ? null : { line: Number(line), column: Number(column) };
}

/** Collects at most `limit` bytes; at the limit `full` is called once and the rest is dropped. */
function gather(stream: unknown, limit: number, full: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  if (!isReadable(stream)) return () => Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    if (bytes >= limit) return;
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= limit) full();
  });
  return () => Buffer.concat(chunks);
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'on' in stream;
}

// Waits until the pipes are read to their end; what the script left running would keep them open, so it is killed.
async function ended(child: ChildProcess, path: string): Promise<Outcome['ending']> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome['ending']>();
  child.once('error', (cause) =>
    reject(new RouseError('RSE0103', `cannot evaluate "${path}": no Node could be started`, { cause })),
  );
  child.once('exit', () => killGroup(child));
  child.once('close', (code, signal) => resolve({ code, signal }));
  return await promise;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nothing of the group is left: that is what was wanted.
  }
}
