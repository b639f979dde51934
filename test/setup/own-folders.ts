// Each test file gets runtime and state folders of its own, so that no test meets the daemons and the state of whoever
// runs it, nor another file's. The path is short, since a socket's path may have 107 bytes at most.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'own-'));
process.env['ROUSE_RUNTIME_DIR'] = join(folder, 'run');
process.env['ROUSE_STATE_DIR'] = join(folder, 'state');

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
