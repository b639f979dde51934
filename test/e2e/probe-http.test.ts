import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, type RequestListener, createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CheckResult } from '../../src/model/check.ts';
import type { Probe, ProbeTarget } from '../../src/model/spec.ts';
import { type ProbeWorld, closedPort, listening, probeWorld } from './probe-world.ts';

type HttpTarget = Extract<ProbeTarget, { type: 'http' }>;

const UPGRADE = /^(101 Switching Protocols|connection closed before an answer)/;

let world: ProbeWorld;
let stack: AsyncDisposableStack;

beforeEach(() => {
  stack = new AsyncDisposableStack();
  world = stack.use(probeWorld());
});

afterEach(() => stack.disposeAsync());

const target = (url: string, different: Partial<HttpTarget> = {}): HttpTarget => ({
  type: 'http',
  url,
  method: 'GET',
  headers: {},
  status: [[200, 299]],
  redirects: 'refuse',
  ...different,
});

async function serve(answer: RequestListener): Promise<number> {
  return stack.use(await listening(createServer(answer))).port;
}

/** A server that says exactly this, in these pieces, to whoever connects; `end` as the last one ends the connection. */
async function say(...pieces: readonly string[]): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.once('data', () => {
      for (const piece of pieces) if (piece !== 'end') socket.write(piece);
      if (pieces.at(-1) === 'end') socket.end();
    });
  });
  return stack.use(await listening(server)).port;
}

function ask(port: number, different: Partial<HttpTarget> = {}, probe: Partial<Probe> = {}): Promise<CheckResult> {
  return world.ask(target(`http://127.0.0.1:${port}/healthz`, different), probe);
}

describe('a status', () => {
  test.for([
    [200, 'pass', /^200 OK in \d+ ms$/],
    [204, 'pass', /^204 No Content in \d+ ms$/],
    [299, 'pass', /^299 in \d+ ms$/],
    [503, 'fail', /^503 Service Unavailable in \d+ ms$/],
    [404, 'fail', /^404 Not Found in \d+ ms$/],
  ] as const)('%i is a %s with its words', async ([status, answer, message]) => {
    const port = await serve((_request, response) => response.writeHead(status, 'Whatever I Like').end('body'));
    expect(await ask(port)).toMatchObject({ answer, message: expect.stringMatching(message) });
  });

  test('is accepted when it lies in one of the ranges', async () => {
    const port = await serve((_request, response) => response.writeHead(404).end());
    const status = [
      [200, 200],
      [400, 404],
    ] as const;
    expect(await ask(port, { status })).toMatchObject({ answer: 'pass' });
    expect(
      await ask(port, {
        status: [
          [200, 200],
          [405, 499],
        ],
      }),
    ).toMatchObject({ answer: 'fail' });
  });

  test('counts as soon as it is there, however slow the body is', async () => {
    const port = await serve((_request, response) => response.writeHead(200).write('the beginning of a long story'));
    const result = await ask(port, {}, { timeoutMs: 3000 });
    expect(result).toMatchObject({ answer: 'pass' });
    expect(result.latencyMs).toBeLessThan(2500);
  });

  test('counts after interim ones', async () => {
    const port = await say('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 'end');
    expect(await ask(port)).toMatchObject({ answer: 'pass', message: expect.stringMatching(/^200 OK/) });
  });
});

describe('the request', () => {
  test('carries method, path, query, headers and host, and asks for an end', async () => {
    const seen: (string | undefined | IncomingHttpHeaders)[] = [];
    const port = await serve(({ method, url, headers }, response) => {
      seen.push(method, url, headers);
      response.end();
    });
    await world.ask(
      target(`http://127.0.0.1:${port}/a%20b?c=d&e=ü#fragment`, {
        method: 'HEAD',
        headers: { 'X-Token': 'abc', accept: '*/*' },
      }),
    );
    expect(seen).toEqual([
      'HEAD',
      '/a%20b?c=d&e=%C3%BC',
      { 'x-token': 'abc', accept: '*/*', host: `127.0.0.1:${port}`, connection: 'close' },
    ]);
  });

  test('may name another host than it goes to', async () => {
    const port = await serve(({ headers }, response) =>
      response.writeHead(headers.host === 'shop.test' ? 200 : 400).end(),
    );
    expect(await ask(port, { headers: { Host: 'shop.test' } })).toMatchObject({ answer: 'pass' });
  });

  test('carries the name and password of its address', async () => {
    const port = await serve(({ headers }, response) =>
      response.writeHead(headers.authorization === `Basic ${btoa('ada:p@ss')}` ? 200 : 401).end(),
    );
    expect(await world.ask(target(`http://ada:p%40ss@127.0.0.1:${port}/`))).toMatchObject({ answer: 'pass' });
  });

  test('reaches localhost whether it listens on IPv4 or IPv6', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const { port } = stack.use(
        await listening(
          createServer((_request, response) => response.end()),
          host,
        ),
      );
      expect(await world.ask(target(`http://localhost:${port}/`))).toMatchObject({ answer: 'pass' });
    }
  });

  test('may go to port 53, which browsers refuse', async () => {
    const result = await world.ask(target('http://127.0.0.1:53/health'), { timeoutMs: 2000 });
    expect(result.message).not.toContain('port');
  });
});

describe('a redirect', () => {
  const toOther =
    (location: string): RequestListener =>
    (request, response) => {
      if (request.url === '/healthz') response.writeHead(302, { location }).end();
      else response.writeHead(request.headers['x-token'] === undefined ? 200 : 418).end();
    };

  test('is refused, with where it leads', async () => {
    const port = await serve(toOther('/login'));
    expect(await ask(port)).toMatchObject({
      answer: 'fail',
      message: '302 Found: it redirects to /login, and redirects are not followed',
    });
  });

  test('is an answer by itself where its status is accepted', async () => {
    const port = await serve(toOther('/login'));
    expect(await ask(port, { status: [[300, 399]] })).toMatchObject({ answer: 'pass' });
  });

  test('is followed where that is asked for', async () => {
    const port = await serve(toOther('/login'));
    expect(await ask(port, { redirects: 'follow' })).toMatchObject({
      answer: 'pass',
      message: expect.stringMatching(/^200 OK/),
    });
  });

  test('to another server does not take the headers along', async () => {
    const other = await serve((request, response) =>
      response.writeHead(request.headers['x-token'] === undefined ? 200 : 418).end(),
    );
    const port = await serve(toOther(`http://127.0.0.1:${other}/`));
    const headers = { 'x-token': 'secret' };
    expect(await ask(port, { redirects: 'follow', headers })).toMatchObject({ answer: 'pass' });
    const own = await serve(toOther('/kept'));
    expect(await ask(own, { redirects: 'follow', headers })).toMatchObject({ message: expect.stringMatching(/^418/) });
  });

  test('is followed five times and no further', async () => {
    const port = await serve((request, response) => {
      const hop = Number(request.url?.slice(2)) || 0;
      response.writeHead(302, { location: `/h${hop + 1}` }).end();
    });
    expect(await ask(port, { redirects: 'follow' })).toMatchObject({
      answer: 'fail',
      message: 'more than 5 redirects',
    });
  });

  test.for([
    ['http://169.254.169.254/latest/meta-data', '"169.254.169.254" is a link-local address, which is never asked'],
    ['file:///etc/passwd', 'not an http address'],
  ] as const)('to %s is not followed', async ([location, message]) => {
    const port = await serve(toOther(location));
    expect(await ask(port, { redirects: 'follow' })).toMatchObject({ answer: 'fail', message });
  });
});

describe('a server that is not as it should be', () => {
  test('is told apart by what it does', async () => {
    const port = await closedPort(() => createTcpServer());
    expect(await ask(port)).toMatchObject({ answer: 'fail', message: 'connection refused' });
    const silent = stack.use(await listening(createTcpServer()));
    expect(await ask(silent.port, {}, { timeoutMs: 200 })).toMatchObject({ message: 'no answer in 200ms' });
    const closing = stack.use(await listening(createTcpServer((socket) => socket.end())));
    expect(await ask(closing.port)).toMatchObject({ message: 'connection closed before an answer' });
  });

  test.for([
    ['garbage', ['hello, I speak something else\r\n\r\n'], /^the answer is not HTTP$/],
    ['another protocol', ['SSH-2.0-OpenSSH_9.2\r\n'], /^the answer is not HTTP$/],
    ['a status of four digits', ['HTTP/1.1 2000 OK\r\n\r\n'], /^the answer is not HTTP$/],
    ['a header without a colon', ['HTTP/1.1 200 OK\r\nno colon here\r\n\r\n'], /^the answer is not HTTP$/],
    ['a header of NUL', ['HTTP/1.1 200 OK\r\na: \0b\r\n\r\n'], /^the answer is not HTTP$/],
    ['an unfinished head', ['HTTP/1.1 200 OK\r\nserver: x', 'end'], /^connection closed before an answer$/],
    ['an upgrade nobody asked for', ['HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'], UPGRADE],
  ] as const)('fails when it says %s', async ([, pieces, message]) => {
    const port = await say(...pieces);
    expect(await ask(port, {}, { timeoutMs: 2000 })).toMatchObject({
      answer: 'fail',
      message: expect.stringMatching(message),
    });
  });

  test('fails when its headers do not end', async () => {
    const server = createTcpServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const more = (): void => {
        while (socket.writable && socket.write(`x-${'a'.repeat(50)}: ${'b'.repeat(1000)}\r\n`));
        socket.once('drain', more);
      };
      more();
    });
    const { port } = stack.use(await listening(server));
    expect(await ask(port)).toMatchObject({ answer: 'fail', message: 'its headers are too long' });
  });

  test('fails when it drips a byte at a time and does not come to an end', async () => {
    const server = createTcpServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nserver: ');
      const drip = setInterval(() => socket.write('x'), 20);
      socket.once('close', () => clearInterval(drip));
    });
    const { port } = stack.use(await listening(server));
    expect(await ask(port, {}, { timeoutMs: 300 })).toMatchObject({ answer: 'fail', message: 'no answer in 300ms' });
  });

  test('passes when it drips a whole head', async () => {
    const head = 'HTTP/1.1 200 OK\r\nServer: slow\r\nContent-Length: 2\r\n\r\nok';
    const server = createTcpServer((socket) => {
      let sent = 0;
      const drip = setInterval(() => socket.write(head.charAt(sent++)), 2);
      socket.once('close', () => clearInterval(drip));
    });
    const { port } = stack.use(await listening(server));
    expect(await ask(port)).toMatchObject({ answer: 'pass' });
  });

  test('keeps no connection open, however much it has to say', async () => {
    let ended: () => void = () => undefined;
    const end = new Promise<void>((resolve) => (ended = resolve));
    const port = await serve((_request, response) => {
      response.once('close', () => ended());
      const more = (): void => {
        while (response.writable && response.write('x'.repeat(10_000)));
        response.once('drain', more);
      };
      more();
    });
    expect(await ask(port)).toMatchObject({ answer: 'pass' });
    await end;
  });
});

describe('over TLS', () => {
  const certificate = (name: string): { readonly key: string; readonly cert: string } => {
    const [key, cert] = [join(world.folder, 'key.pem'), join(world.folder, 'cert.pem')];
    const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    spawnSync('openssl', [...words, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  };

  async function serveSecurely(name: string): Promise<{ readonly port: number; readonly cert: string }> {
    const { key, cert } = certificate(name);
    const server = createSecureServer({ key, cert }, (_request, response) => response.end());
    return { port: stack.use(await listening(server)).port, cert };
  }

  function trust(cert: string): void {
    const before = getCACertificates();
    setDefaultCACertificates([...before, cert]);
    stack.defer(() => setDefaultCACertificates(before));
  }

  test('a certificate that nobody vouches for is refused', async () => {
    const { port } = await serveSecurely('localhost');
    expect(await world.ask(target(`https://localhost:${port}/`))).toMatchObject({
      answer: 'fail',
      message: 'its certificate is self-signed',
    });
  });

  test('a certificate that is trusted and for that name passes', async () => {
    const { port, cert } = await serveSecurely('localhost');
    trust(cert);
    expect(await world.ask(target(`https://localhost:${port}/`))).toMatchObject({
      answer: 'pass',
      message: expect.stringMatching(/^200 OK/),
    });
  });

  test('a certificate for another name is refused', async () => {
    const { port, cert } = await serveSecurely('shop.test');
    trust(cert);
    expect(await world.ask(target(`https://localhost:${port}/`))).toMatchObject({
      answer: 'fail',
      message: 'its certificate is for another name',
    });
  });

  test('a server that speaks none is told so', async () => {
    const port = await serve((_request, response) => response.end());
    expect(await world.ask(target(`https://localhost:${port}/`))).toMatchObject({
      answer: 'fail',
      message: 'no TLS is spoken there',
    });
  });
});
