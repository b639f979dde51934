/** Which boot of the machine this is: monotonic times of one boot mean nothing in another. */
import { readFileSync } from 'node:fs';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** An id that is new with every start of the machine; empty where the machine does not say. Source: proc(5), random(4). */
export function bootId(): string {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim();
  } catch {
    // Not Linux, or hidden: then nothing is said of earlier times.
    return '';
  }
}
