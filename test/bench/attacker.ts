/**
 * One attack on a daemon of this machine, until it is killed or a minute has passed: `node attacker.ts WORD PORT`, with the
 * credential in `ROUSE_TOKEN`. Says `under way` when it has begun.
 */
import { request } from 'node:http';
import { type Socket, connect } from 'node:net';

const HOST = '127.0.0.1';
const LONGEST_MS = 60_000;

const [word = '', portText = ''] = process.argv.slice(2);
const port = Number(portText);
const token = process.env['ROUSE_TOKEN'] ?? '';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
  readonly token: string;
}

/** Sends one request and resolves when its answer has ended, however it ends. */
function send({ method, path, body, token: own }: Sent): Promise<void> {
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${own}`,
      ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...(method === 'PUT' ? { 'if-match': '"x"' } : {}),
    };
    const asked = request({ host: HOST, port, method, path, headers, agent: false }, (response) => {
      response.resume();
      response.on('close', resolve);
    });
    asked.on('error', () => resolve());
    asked.end(body ?? undefined);
  });
}

/** So many at a time, over and over. */
function keepUp(count: number, act: () => Promise<void>): void {
  const again = async (): Promise<never> => {
    for (;;) {
      await act();
      // An answer that is refused at once must not become a loop that starves this process's own timers.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  for (let at = 0; at < count; at += 1) void again();
}

const put = (document: string): Sent => ({ method: 'PUT', path: '/api/v1/definition', body: document, token });

function manyServices(): string {
  const services = Array.from({ length: 4000 }, (_, at) => [`s${at}`, { command: 'true', depends_on: [`s${at + 1}`] }]);
  return JSON.stringify({ services: Object.fromEntries(services) });
}

function dribble(): void {
  const open = (): Socket => {
    const socket = connect(port, HOST, () => socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX'));
    const timer = setInterval(() => socket.write('x'), 1000);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      setTimeout(open, 100);
    });
    return socket;
  };
  for (let at = 0; at < 900; at += 1) open();
}

function openStreams(): void {
  keepUp(20, () => {
    return new Promise((resolve) => {
      const asked = request(
        {
          host: HOST,
          port,
          path: '/api/v1/events',
          headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
          agent: false,
        },
        (response) => {
          response.pause();
          response.on('close', resolve);
          if (response.statusCode === 200) setTimeout(resolve, 20);
          else response.resume();
        },
      );
      asked.on('error', () => resolve());
      asked.end();
    });
  });
}

const ATTACKS: Readonly<Record<string, () => void>> = {
  bodies: () => {
    const body = JSON.stringify({ description: 'x'.repeat(4 * 1024 * 1024 - 100) });
    keepUp(20, () => send(put(body)));
  },
  nesting: () => {
    const body = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    keepUp(20, () => send(put(body)));
  },
  slow: dribble,
  streams: openStreams,
  guessing: () => {
    keepUp(50, () => send({ method: 'GET', path: '/api/v1/services', body: null, token: `rse_${'A'.repeat(43)}` }));
  },
  patterns: () => {
    const query = new URLSearchParams({ q: '(a+)+$', limit: '500' });
    keepUp(20, () => send({ method: 'GET', path: `/api/v1/logs?${query.toString()}`, body: null, token }));
  },
  definitions: () => {
    const body = manyServices();
    keepUp(4, () => send({ method: 'POST', path: '/api/v1/definition/validate', body, token }));
  },
};

const begin = ATTACKS[word];
if (begin === undefined) throw new Error(`no such attack: ${word}`);
begin();
setTimeout(() => process.exit(0), LONGEST_MS);
setTimeout(() => process.stdout.write('under way\n'), 300);
