/** The question of a probe in words, as people see it beside its answers. */
import type { ProbeTarget } from '../model/spec.ts';
import { evidence } from './kind.ts';

/** One line, e.g. `GET http://localhost:8080/healthz`, `TCP localhost:5432`. Passwords in addresses are left out. */
export function describeTarget(target: ProbeTarget): string {
  switch (target.type) {
    case 'http':
      return evidence(`${target.method} ${withoutPassword(target.url)}`);
    case 'tcp':
      return evidence(`TCP ${withPort(target.host, target.port)}`);
    case 'exec':
      return evidence(`command ${target.command.source.replaceAll(/\s+/g, ' ')}`);
    case 'dns':
      return evidence(`DNS ${target.record} ${target.name} at ${withPort(target.server, target.port)}`);
    case 'process':
      return evidence(target.name === null ? 'its own process' : `process ${target.name}`);
    case 'log':
      return evidence(`log line /${target.pattern}/`);
    case 'file':
      return evidence(`file ${target.path}`);
    case 'fd':
      return `newline on descriptor ${target.fd}`;
    case 'notify':
      return 'READY=1 on its notification socket';
    case 'beat':
      return 'WATCHDOG=1 on its notification socket';
    default:
      return target satisfies never;
  }
}

function withPort(host: string, port: number): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`;
}

function withoutPassword(text: string): string {
  const url = URL.parse(text);
  if (url === null || url.password === '') return text;
  url.password = '***';
  return url.href;
}
