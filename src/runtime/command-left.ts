/**
 * Commands of a daemon that was killed while they were on their way.
 *
 * Nobody waits for them any more, and whoever wants the same again gives the order again; so they are ended with all that
 * they have started, before anything else is begun. An order to start is carried out to its end instead.
 */
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import { forgetCommand, notedCommands } from './command-notes.ts';
import { type Identity, isAlive } from './process-group.ts';
import { commandTree } from './tree-command.ts';
import { createLooks } from './tree-scan.ts';

/** Where to look, and how to wait. */
export interface LeftParts {
  readonly clock: Clock;
  readonly runDirectory: string;
}

/** The run that a start command was for. Units: ms; `Infinity` = no limit. */
export interface LeftStart {
  readonly service: ServiceName;
  readonly run: number;
  readonly timeoutMs: number;
  /** Whether nobody wants it any more; it is ended then. */
  readonly isGivenUp: () => boolean;
}

/** Pauses between two looks at a start command that is still on its way; ms. */
const LOOK_AGAIN_MS = { first: 50, longest: 1000 };

/** Ends what an earlier daemon left; to be called before any command of this one is begun. Resolves when it is gone. */
export async function endLeftCommands({ clock, runDirectory }: LeftParts): Promise<void> {
  const notes = notedCommands(runDirectory).filter(({ purpose }) => purpose !== 'start');
  await Promise.all(
    notes.map(async (note) => {
      if (note.boot === 'other') return forgetCommand(runDirectory, note);
      const tree = commandTree({ clock, looks: createLooks(clock) }, note.cookie, 'earlier');
      if (note.identity !== null) tree.know(note.identity);
      const left = await tree.end();
      // What cannot be ended is left to the next daemon too.
      if (left === null) forgetCommand(runDirectory, note);
    }),
  );
}

/**
 * Resolves when no start command of an earlier daemon is on its way for that run: at once where there is none, at
 * `timeoutMs` at the latest, and then it is ended.
 */
export async function startCommandLeft({ clock, runDirectory }: LeftParts, start: LeftStart): Promise<void> {
  const note = notedCommands(runDirectory).find(
    ({ purpose, service, run }) => purpose === 'start' && service === start.service && run === start.run,
  );
  if (note === undefined) return;
  const { identity } = note;
  if (note.boot === 'same' && identity !== null) await ended(clock, start, { cookie: note.cookie, identity });
  forgetCommand(runDirectory, note);
}

async function ended(
  clock: Clock,
  start: LeftStart,
  { cookie, identity }: { readonly cookie: string; readonly identity: Identity },
): Promise<void> {
  const begun = clock.monotonic();
  for (let pauseMs = LOOK_AGAIN_MS.first; isAlive(identity); pauseMs = Math.min(pauseMs * 2, LOOK_AGAIN_MS.longest)) {
    if (start.isGivenUp() || clock.monotonic() - begun >= start.timeoutMs) {
      const tree = commandTree({ clock, looks: createLooks(clock) }, cookie, 'earlier');
      tree.know(identity);
      await tree.end();
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.after(pauseMs, resolve);
    await promise;
  }
}
