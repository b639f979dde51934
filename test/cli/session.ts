// A session whose streams are kept as text.
import { VirtualClock } from '../../src/clock/virtual.ts';
import { type GlobalFlags, globalFlags } from '../../src/cli/flags.ts';
import { optionsOf } from '../../src/cli/options.ts';
import type { Output, Session } from '../../src/cli/session.ts';

/** A session, with what was written so far. */
export interface KeptSession extends Session {
  readonly stdout: () => string;
  readonly stderr: () => string;
}

const FLAGS = globalFlags([optionsOf({})], null, {});

/** A session of pipes, or of a terminal of 80 columns, with these flags. */
export function keptSession(flags: Partial<GlobalFlags> = {}, stream: Output['stream'] = 'pipe'): KeptSession {
  const [out, err] = [output(stream), output(stream)];
  return {
    out,
    err,
    input: stream,
    flags: { ...FLAGS, ...flags },
    env: {},
    cwd: '/project',
    clock: new VirtualClock(),
    stdout: out.text,
    stderr: err.text,
  };
}

function output(stream: Output['stream']): Output & { readonly text: () => string } {
  let text = '';
  return {
    stream,
    style: { color: 'off', glyphs: 'unicode' },
    columns: () => (stream === 'terminal' ? 80 : null),
    rows: () => (stream === 'terminal' ? 24 : null),
    write: (chunk) => {
      text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    },
    text: () => text,
  };
}
