/** Checks, commands and durations in the words of the definition file. */
import type { Command, Probe, ProbeTarget, Spec } from '../model/spec.ts';

type Table = Readonly<Record<string, unknown>>;

/** A command as it is executed: the words, or the text where a shell reads it. */
export function commandOf(command: Command): string | readonly string[] {
  return command.via === 'shell' ? (command.argv[0] ?? '') : command.argv;
}

/** A duration in milliseconds, exact. */
export function durationOf(ms: number): string {
  return `${Math.round(ms)}ms`;
}

/** The `health` of a service; empty when it has none. */
export function healthOf(spec: Spec): Table {
  if (spec.liveness === null) return {};
  const { probe, onFailure } = spec.liveness;
  return { health: { ...probeOf(probe), on_failure: onFailure } };
}

/** The `ready` of a service; empty when `health` says it as well, or nothing does. */
export function readyOf(spec: Spec): Table {
  const { readiness, liveness } = spec;
  if (readiness.type !== 'probe') return {};
  const isSame = liveness !== null && JSON.stringify(liveness.probe) === JSON.stringify(readiness.probe);
  return isSame ? {} : { ready: probeOf(readiness.probe) };
}

function probeOf(probe: Probe): Table {
  return {
    ...targetOf(probe.target),
    interval: durationOf(probe.intervalMs),
    start_interval: durationOf(probe.startIntervalMs),
    timeout: durationOf(probe.timeoutMs),
    retries: probe.failureThreshold,
    successes: probe.successThreshold,
    grace: durationOf(probe.graceMs),
  };
}

function targetOf(target: ProbeTarget): Table {
  switch (target.type) {
    case 'http':
      return {
        http: target.url,
        method: target.method,
        headers: target.headers,
        status: target.status.map(([from, to]) => (from === to ? from : `${from}-${to}`)),
        redirects: target.redirects,
      };
    case 'tcp':
      return { tcp: `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}` };
    case 'exec':
      return { exec: commandOf(target.command) };
    case 'dns': {
      const host = target.server.includes(':') ? `[${target.server}]` : target.server;
      return { dns: { name: target.name, server: `${host}:${target.port}`, record: target.record } };
    }
    case 'process':
      return { process: target.name ?? true };
    case 'log':
      return { log: target.pattern };
    case 'file':
      return { file: target.path };
    case 'fd':
      return { fd: target.fd };
    case 'notify':
      return { notify: target.access };
    case 'beat':
      return {};
    default:
      return target satisfies never;
  }
}
