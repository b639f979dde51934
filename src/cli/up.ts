/** `rouse up`: starts everything, or these services and what they need, and waits until they are ready. */
import { attached } from './attached.ts';
import { withDaemon } from './bring-up.ts';
import { checkFields } from './json.ts';
import { CHANGE_KEYS } from './keys.ts';
import { LISTEN_FLAGS, listenersOf } from './listen.ts';
import { type Order, operate } from './operation.ts';
import type { Session } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse up', 'everything, attached: Ctrl-C stops it, d leaves it running'],
    ['rouse up -d', 'everything, and return when it is ready'],
    ['rouse up web', 'web and what it needs'],
    ['rouse up --watch', 'and reload when the file changes, restart when files of a service do'],
  ],
  flags: [
    { spelling: '-d, --detach', text: 'return when everything is ready' },
    { spelling: '-w, --watch', text: 'reload when the file changes, and restart services whose `watch` files do' },
    { spelling: '--no-wait', text: 'with -d: return when the order is accepted' },
    { spelling: '--wait-timeout <duration>', text: 'give up waiting (10m without a terminal); services go on' },
    { spelling: '--no-deps', text: 'without what they need' },
    {
      spelling: '--on-failure <what>',
      text: 'when a service fails (keep; stop when attached without a terminal)',
      choices: ['keep', 'stop'],
    },
    { spelling: '--logs <services>', text: 'attached: show the output of these, by commas' },
    { spelling: '--no-logs', text: 'attached: show no output' },
    ...LISTEN_FLAGS,
    { spelling: '-t, --timestamps', text: 'attached: with the time of each line' },
  ],
  exits: [
    [0, 'everything wanted is ready, tasks completed'],
    [1, 'something failed; the rest keeps running'],
    [2, 'bad command line or definition; nothing was done'],
    [4, 'no such service'],
    [6, 'refused: orchestration is disabled, the project belongs to another file, or its daemon listens elsewhere'],
    [124, 'not ready when the time was over; services go on'],
    [130, 'Ctrl-C before everything was ready; what was started has been stopped'],
    [143, 'SIGTERM; everything has been stopped'],
  ],
  run,
};

const TIMEOUT_MS = 600_000;

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, CHANGE_KEYS);
  const order: Order = {
    action: 'up',
    services: args,
    options: { dependencies: options.isOff('deps') ? 'alone' : 'closure' },
  };
  if (session.flags.dryRun) {
    const { dryRunOffline } = await import('./offline.ts');
    return dryRunOffline(session, order);
  }
  const listen = listenersOf(session, options);
  const isDetached = options.isOn('detach');
  const timeoutMs = options.durationMs('waitTimeout') ?? (session.err.stream === 'terminal' ? null : TIMEOUT_MS);
  return withDaemon(
    session,
    async (connection) => {
      if (options.isOn('watch')) await connection.client.daemon.watch('on');
      if (isDetached) {
        const wait = options.isOff('wait') ? 'no' : 'until-done';
        const code = await operate(session, connection, order, { wait, timeoutMs, onInterrupt: 'abort' });
        if (code === 1 && options.text('onFailure') === 'stop') await connection.client.daemon.stop('down');
        return code;
      }
      return attached(session, connection, {
        order,
        timeoutMs,
        onFailure: onFailureOf(session, options.text('onFailure')),
        // Standard output has the one document then.
        logs: options.isOff('logs') || session.flags.json !== null ? 'none' : logsOf(options.text('logs')),
        times: options.isOn('timestamps') ? 'shown' : 'hidden',
      });
    },
    listen,
  );
}

// Somebody at a terminal wants to look around; a pipeline wants to be told and be left clean.
function onFailureOf(session: Session, wish: string | null): 'keep' | 'stop' {
  if (wish === 'keep' || wish === 'stop') return wish;
  return session.err.stream === 'terminal' ? 'keep' : 'stop';
}

const logsOf = (text: string | null): readonly string[] =>
  text === null || text === '*' ? [] : text.split(',').filter((name) => name !== '');
