import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ProbeTarget } from '../../src/model/spec.ts';
import { faultsOf, load, specOf } from './given.ts';

const targetOf = async (lines: string): Promise<ProbeTarget | null> => {
  const spec = await specOf(`[services.a]\ncommand = "x"\n${lines}\n`);
  return spec.readiness.type === 'probe' ? spec.readiness.probe.target : null;
};

const http = { type: 'http', method: 'GET', headers: {}, status: [[200, 299]], redirects: 'refuse' };

describe('what is asked', () => {
  test.for([
    ['health = "http://localhost:3000/healthz"', { ...http, url: 'http://localhost:3000/healthz' }],
    ['health = "https://example.test/"', { ...http, url: 'https://example.test/' }],
    [
      'health = { http = "http://a.test/", method = "HEAD", headers = { x = "y" }, status = [204, "300-399"], redirects = "follow" }',
      {
        type: 'http',
        url: 'http://a.test/',
        method: 'HEAD',
        headers: { x: 'y' },
        status: [
          [204, 204],
          [300, 399],
        ],
        redirects: 'follow',
      },
    ],
    ['health = "tcp://localhost:5432"', { type: 'tcp', host: 'localhost', port: 5432 }],
    ['health = { tcp = "db.test:5432" }', { type: 'tcp', host: 'db.test', port: 5432 }],
    ['health = { tcp = "[::1]:5432" }', { type: 'tcp', host: '::1', port: 5432 }],
    [
      'health = "dns://127.0.0.1:5353/example.test"',
      { type: 'dns', server: '127.0.0.1', port: 5353, name: 'example.test', record: 'A' },
    ],
    [
      'health = "dns://127.0.0.1/example.test"',
      { type: 'dns', server: '127.0.0.1', port: 53, name: 'example.test', record: 'A' },
    ],
    [
      'health = { dns = { name = "a.test", server = "[::1]:5353", record = "AAAA" } }',
      { type: 'dns', server: '::1', port: 5353, name: 'a.test', record: 'AAAA' },
    ],
    ['health = { process = true }', { type: 'process', name: null }],
    ['health = { process = "coredns" }', { type: 'process', name: 'coredns' }],
    ['ready = { log = "^listening on \\\\d+$" }', { type: 'log', pattern: '^listening on \\d+$' }],
    ['ready = { fd = 4 }', { type: 'fd', fd: 4 }],
  ] as const)('is read from %s', async ([line, target]) => {
    expect(await targetOf(line)).toEqual(target);
  });

  test('may be a command, as a text or a list', async () => {
    const command = { argv: ['pg_isready', '-p', '5432'], via: 'exec' };
    expect(await targetOf('health = { exec = "pg_isready -p 5432" }')).toMatchObject({ type: 'exec', command });
    expect(await targetOf('health = { exec = ["pg_isready", "-p", "5432"] }')).toMatchObject({ type: 'exec', command });
  });

  test('may be a file, from the folder of the definition on', async () => {
    const { definition } = await load({ 'rouse.toml': '[services.a]\ncommand = "x"\nready = { file = "run/ready" }' });
    expect(definition.services[0]?.readiness).toMatchObject({
      probe: { target: { type: 'file', path: join(definition.directory, 'run/ready') } },
    });
  });

  test('is asked as often as it says', async () => {
    const cadence =
      'interval = "2s", start_interval = "50ms", timeout = "1s", retries = 30, successes = 2, grace = "5s"';
    const spec = await specOf(`[services.a]\ncommand = "x"\nhealth = { tcp = "a:1", ${cadence} }`);
    expect(spec.liveness?.probe).toMatchObject({
      intervalMs: 2000,
      startIntervalMs: 50,
      timeoutMs: 1000,
      failureThreshold: 30,
      successThreshold: 2,
      graceMs: 5000,
    });
  });

  test('is asked no less often before it is ready than after', async () => {
    const spec = await specOf('[services.a]\ncommand = "x"\nhealth = { tcp = "a:1", interval = "100ms" }');
    expect(spec.liveness?.probe).toMatchObject({ intervalMs: 100, startIntervalMs: 100 });
  });
});

describe('a question that cannot be asked', () => {
  test.for([
    ['health = {}', 'RSE1103 3:10+2 "health" of "a" does not say what to ask'],
    ['health = { interval = "1s" }', 'RSE1103 3:10+19 "health" of "a" does not say what to ask'],
    ['health = { http = "http://a/", tcp = "a:1" }', 'RSE1106 3:32+3 "http" and "tcp" exclude each other in "health"'],
    ['health = { tcp = "a:1", status = [200] }', 'RSE1106 3:25+6 "status" belongs to "http" and not to "tcp"'],
    ['health = { fd = 3 }', 'RSE1104 3:12+2 unknown key "fd" in "health" of "a"'],
    ['health = { grpc = "a:1" }', 'RSE1105 3:12+4 "grpc" in "health" of "a" is not yet supported in this version'],
    ['health = "localhost:3000"', 'RSE1113 3:10+16 "localhost:3000" is not an address'],
    ['health = "ftp://a/"', 'RSE1113 3:10+10 "ftp://a/" is not an address'],
    ['health = "http://"', 'RSE1113 3:10+9 "http://" is not an address'],
    ['health = "http://me:secret@a/"', 'RSE1113 3:10+21 an address cannot hold a name or a password'],
    ['health = "tcp://a"', 'RSE1113 3:10+9 "tcp://a" has no port'],
    ['health = { tcp = "a:70000" }', 'RSE1113 3:18+9 there is no port 70000'],
    ['health = { tcp = "a b:1" }', 'RSE1113 3:18+7 "a b:1" is not an address'],
    ['health = "dns://127.0.0.1"', 'RSE1113 3:10+17 "dns://127.0.0.1" is not a question for a DNS server'],
    [
      'health = "http://169.254.169.254/"',
      'RSE1113 3:10+25 a check cannot go to the link-local address 169.254.169.254',
    ],
    ['health = "http://[fe80::1]/"', 'RSE1113 3:10+19 a check cannot go to the link-local address fe80::1'],
    [
      'health = "http://[::ffff:169.254.1.1]/"',
      'RSE1113 3:10+30 a check cannot go to the link-local address ::ffff:a9fe:101',
    ],
    ['health = { tcp = "169.254.1.1:80" }', 'RSE1113 3:18+16 a check cannot go to the link-local address 169.254.1.1'],
    ['health = { process = false }', 'RSE1101 3:22+5 "health.process" of "a" must be true or a text'],
    [
      'ready = { log = "(?=x)" }',
      'RSE1114 3:17+7 "log" of "a" is not a pattern: invalid or unsupported Perl syntax: `(?=`',
    ],
    ['ready = { log = "" }', 'RSE1102 3:17+2 "ready.log" of "a" is empty'],
    [`ready = { log = "${'x'.repeat(513)}" }`, 'RSE1102 3:17+515 "ready.log" of "a" must have at most 512 characters'],
    ['ready = { fd = 2 }', 'RSE1102 3:16+1 "ready.fd" of "a" must be at least 3'],
    ['health = { http = "http://a/", status = ["2xx"] }', 'RSE1102 3:42+5 "health.status[0]" of "a" is not a status'],
    ['health = { tcp = "a:1", retries = 0 }', 'RSE1102 3:35+1 "health.retries" of "a" must be at least 1'],
    ['health = { tcp = "a:1", interval = 5 }', 'RSE1111 3:36+1 "health.interval" of "a" needs its unit'],
    ['health = { tcp = "a:1", interval = "5" }', 'RSE1111 3:36+3 "health.interval" of "a" is not a duration'],
    ['health = { exec = "a; b" }', 'RSE1107 3:21+1 ";" is shell syntax, and this command runs without a shell'],
  ] as const)('is refused: %s', async ([line, fault]) => {
    const faults = await faultsOf(`[services.a]\ncommand = "x"\n${line}`);
    expect(faults.map((text) => text.replace('rouse.toml:', ''))).toEqual([fault]);
  });
});
