/** `rouse demo`: four small services in a temporary folder, with nothing but Node; gone when it ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attached } from './attached.ts';
import { bringUp } from './bring-up.ts';
import { demoFiles } from './demo-files.ts';
import { type Session, note } from './session.ts';
import { untilEnded } from './until-gone.ts';
import type { Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '',
  examples: [['rouse demo', 'watch four services come up; Ctrl-C ends it and leaves nothing behind']],
  flags: [],
  exits: [
    [0, 'ended'],
    [130, 'Ctrl-C before everything was ready'],
  ],
  run,
};

async function run(session: Session): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'rouse-demo-'));
  let daemon: number | null = null;
  try {
    const ports = { cache: await freePort(), db: await freePort(), web: await freePort() };
    for (const [name, text] of Object.entries(demoFiles(ports))) writeFileSync(join(folder, name), text);
    note(session, [`in ${folder}: cache, db, migrate (once db is ready), web (http://127.0.0.1:${ports.web})`]);
    const inside = {
      ...session,
      cwd: folder,
      flags: { ...session.flags, files: [join(folder, 'rouse.toml')], project: null, overlays: [], host: null },
      env: { ...session.env, ROUSE_STATE_DIR: join(folder, 'state'), ROUSE_RUNTIME_DIR: join(folder, 'run') },
    };
    using connection = await bringUp(inside);
    daemon = (await connection.client.daemon.status()).pid;
    return await attached(inside, connection, {
      order: { action: 'up', services: [] },
      timeoutMs: null,
      onFailure: 'stop',
      logs: [],
      times: 'hidden',
    });
  } finally {
    if (daemon !== null) await untilEnded(session, daemon);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A port that nobody listens on now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
