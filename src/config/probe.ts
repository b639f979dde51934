/** `health` and `ready` to what is asked and how often. */
import { dirname, resolve } from 'node:path';
import { RE2JS } from 're2js';
import type { HealthInput, ReadyInput } from '../contract/definition-service.ts';
import { HTTP_KEYS, PROBE_KINDS } from '../contract/definition-probe.ts';
import { parseDuration } from '../model/duration.ts';
import type { Probe, ProbeTarget } from '../model/spec.ts';
import { type Reach, type Refused, hostPort, httpAddress } from './address.ts';
import { type CommandPlace, commandOf } from './command.ts';
import type { ErrorCode } from '../model/errors.ts';
import { addressKey } from './merge.ts';
import { type Path, type Tree, childOf, keySpanAt, spanAt } from './tree.ts';

/** A check as the schema let it through, with where it stands. */
export interface ProbePlace {
  readonly command: CommandPlace;
  /** `health`, `ready` or `health_check_endpoint`. */
  readonly key: string;
  readonly tree: Tree;
  readonly path: Path;
  readonly reach: Reach;
  /** The folder that relative paths start from where the place is not known. */
  readonly directory: string;
}

/** A check as the schema let it through. */
export type Question = Partial<HealthInput & ReadyInput>;

/** The defaults of a check; ms and counts. Source: ruling on health checks. */
const DEFAULTS = { intervalMs: 10_000, startIntervalMs: 500, timeoutMs: 2000, retries: 3, successes: 1, graceMs: 0 };

/** The check, or null after its faults were reported. */
export function probeOf(input: string | Question, place: ProbePlace): Probe | null {
  const question = typeof input === 'string' ? shortForm(input, place) : input;
  const kinds = PROBE_KINDS.filter((kind) => kind in question);
  const [kind, second] = kinds;
  if (kind === undefined) {
    const message = `"${place.key}" of "${place.command.service}" does not say what to ask`;
    return fault(place, [], { code: 'RSE1103', message, hint: `give one of ${kindsOf(place).join(', ')}` });
  }
  if (second !== undefined) {
    const message = `"${kind}" and "${second}" exclude each other in "${place.key}"`;
    return fault(place, [second], { code: 'RSE1106', message, hint: 'keep one' });
  }
  const lone = kind === 'http' ? undefined : HTTP_KEYS.find((key) => key in question);
  if (lone !== undefined)
    return fault(place, [lone], { code: 'RSE1106', message: `"${lone}" belongs to "http" and not to "${kind}"` });
  const target = targetOf(kind, question, place);
  return target === null ? null : { target, ...cadenceOf(question) };
}

const kindsOf = (place: ProbePlace): readonly string[] =>
  PROBE_KINDS.filter((kind) => (kind !== 'fd' && kind !== 'notify') || place.key === 'ready');

function shortForm(text: string, place: ProbePlace): Question {
  return text === 'notify' && place.key === 'ready' ? { notify: true } : { [addressKey(text)]: text };
}

/** How often, and how many answers count. */
export function cadenceOf(question: Question): Omit<Probe, 'target'> {
  const intervalMs = ms(question.interval, DEFAULTS.intervalMs);
  return {
    intervalMs,
    startIntervalMs: ms(question.start_interval, Math.min(DEFAULTS.startIntervalMs, intervalMs)),
    timeoutMs: ms(question.timeout, DEFAULTS.timeoutMs),
    failureThreshold: question.retries ?? DEFAULTS.retries,
    successThreshold: question.successes ?? DEFAULTS.successes,
    graceMs: ms(question.grace, DEFAULTS.graceMs),
  };
}

/** Milliseconds of a duration that the schema let through. */
export function ms(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : (parseDuration(text) ?? otherwise);
}

function targetOf(kind: string, question: Question, place: ProbePlace): ProbeTarget | null {
  if (question.http !== undefined) return httpTarget(question.http, question, place);
  if (question.tcp !== undefined) {
    const address = hostPort(question.tcp, place.reach, null);
    return 'message' in address ? refuse(address, ['tcp'], place) : { type: 'tcp', ...address };
  }
  if (question.exec !== undefined) {
    const tree = childOf(place.tree, 'exec');
    const command = tree === undefined ? null : commandOf(tree, { ...place.command, path: [...place.path, 'exec'] });
    return command === null ? null : { type: 'exec', command };
  }
  if (question.dns !== undefined) return dnsTarget(question.dns, place);
  if (question.process !== undefined)
    return { type: 'process', name: question.process === true ? null : question.process };
  if (question.log !== undefined) return logTarget(question.log, place);
  if (question.file !== undefined) return { type: 'file', path: resolve(folderOf(place, ['file']), question.file) };
  if (question.notify !== undefined) return { type: 'notify', access: question.notify === 'all' ? 'all' : 'main' };
  return kind === 'fd' && question.fd !== undefined ? { type: 'fd', fd: question.fd } : null;
}

function folderOf(place: ProbePlace, path: Path): string {
  return writtenIn(keySpanAt(place.tree, path)?.source.path) ?? place.directory;
}

/** The folder of a file; null for anything that is not one. */
export function writtenIn(file: string | undefined): string | null {
  return file?.startsWith('/') === true ? dirname(file) : null;
}

function httpTarget(text: string, question: Question, place: ProbePlace): ProbeTarget | null {
  const address = httpAddress(text, place.reach);
  if (!('url' in address)) return refuse(address, ['http'], place);
  return {
    type: 'http',
    url: address.url,
    method: question.method ?? 'GET',
    headers: question.headers ?? {},
    status: (question.status ?? ['200-299']).map(rangeOf),
    redirects: question.redirects ?? 'refuse',
  };
}

function rangeOf(status: number | string): readonly [number, number] {
  const [from = 200, to = from] = String(status).split('-').map(Number);
  return [from, to];
}

function dnsTarget(dns: NonNullable<Question['dns']>, place: ProbePlace): ProbeTarget | null {
  if (typeof dns !== 'string') {
    const server = hostPort(dns.server, place.reach, 53);
    if ('message' in server) return refuse(server, ['dns', 'server'], place);
    return { type: 'dns', server: server.host, port: server.port, name: dns.name, record: dns.record ?? 'A' };
  }
  const [, authority = '', name = ''] = /^dns:\/\/([^/]+)\/([^/?#\s]{1,253})$/.exec(dns) ?? [];
  if (name === '')
    return refuse(
      { message: `"${dns}" is not a question for a DNS server`, hint: 'write dns://server:port/name' },
      ['dns'],
      place,
    );
  const server = hostPort(authority, place.reach, 53);
  return 'message' in server
    ? refuse(server, ['dns'], place)
    : { type: 'dns', server: server.host, port: server.port, name, record: 'A' };
}

function logTarget(pattern: string, place: ProbePlace): ProbeTarget | null {
  try {
    RE2JS.compile(pattern);
    return { type: 'log', pattern };
  } catch (error) {
    const cause = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unknown';
    const message = `"log" of "${place.command.service}" is not a pattern: ${cause}`;
    return fault(place, ['log'], {
      code: 'RSE1114',
      message,
      hint: 'patterns are RE2: no look-around, no back-references',
    });
  }
}

function refuse(refused: Refused, path: Path, place: ProbePlace): null {
  return fault(place, path, { code: 'RSE1113', ...refused });
}

function fault(
  place: ProbePlace,
  path: Path,
  words: { code: ErrorCode; message: string; hint?: string | undefined },
): null {
  const { hint, ...rest } = words;
  const named = words.code === 'RSE1106';
  place.command.variables.report({
    ...rest,
    ...(hint === undefined ? {} : { hint }),
    span: named ? keySpanAt(place.tree, path) : spanAt(place.tree, path),
    path: [...place.path, ...path],
    services: [place.command.service],
  });
  return null;
}
