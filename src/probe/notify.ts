/** Whether the run has said `READY=1`. What it says is kept and judged by the runtime's ears; this only asks them. */
import type { Notices } from '../ports/notices.ts';
import { type Answer, type ProbeKind, fail, pass } from './kind.ts';

/** A kind that passes once the run has said so itself; it learns at once of it. Source: sd_notify(3), READY=1. */
export function notifyKind(notices: Notices): ProbeKind {
  return {
    price: 'cheap',
    key: ({ service, run }) => `${service} ${run}`,
    open: ({ service, run }, wake) => {
      const watching = notices.watch(service, run, wake);
      return {
        ask: () => Promise.resolve(answerOf(notices, service, run)),
        isWatching: () => notices.of(service, run) !== null,
        [Symbol.dispose]: () => watching[Symbol.dispose](),
      };
    },
  };
}

function answerOf(notices: Notices, service: string, run: number): Answer {
  const notice = notices.of(service, run);
  if (notice?.ready === 'yes') return pass('it said that it is ready');
  const stranger = notice?.stranger ?? null;
  if (stranger === null) return fail('it has not said yet that it is ready');
  return fail(
    `process ${stranger} said READY=1 and is not its main process: ready = { notify = "all" } listens to all`,
  );
}
