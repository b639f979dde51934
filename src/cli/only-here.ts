/** What cannot be done over `--host`. */
import { usage } from './options.ts';
import type { Session } from './session.ts';

/** Refuses what is done on the machine of the daemon alone, where another address is given. Errors: RSE0107. */
export function onlyHere({ flags }: Session, what: string): void {
  if (flags.host === null) return;
  throw usage(
    `cannot ${what} at "${flags.host}": it is done on the machine of the daemon`,
    'run it there; or leave --host and ROUSE_HOST out to mean this machine',
  );
}
