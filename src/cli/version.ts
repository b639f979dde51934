/** `rouse version`: the version of Rouse and of Node. */
import { readFileSync } from 'node:fs';
import { printJson } from './json.ts';
import { type Session, printLines } from './session.ts';
import type { Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '',
  examples: [
    ['rouse version', 'the version alone'],
    ['rouse version --json', 'with Node and platform'],
  ],
  flags: [],
  exits: [[0, 'printed']],
  run,
};

const KEYS = ['version', 'node', 'platform', 'arch'] as const;

function run(session: Session): Promise<number> {
  if (session.flags.json === null) printLines(session, [rouseVersion()]);
  else {
    const { platform, arch, versions } = process;
    printJson(session, { version: rouseVersion(), node: versions.node, platform, arch }, KEYS);
  }
  return Promise.resolve(0);
}

/** The version in the package's own manifest; `unknown` when there is none to be read. */
export function rouseVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const isNamed = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isNamed && typeof manifest.version === 'string' ? manifest.version : 'unknown';
}
