/** `rouse unpin`: lets pinned services go again. */
import { pinAll } from './pin.ts';
import type { Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<service...>',
  examples: [['rouse unpin db', 'what was asked for meanwhile holds again']],
  flags: [],
  exits: [
    [0, 'not pinned any more'],
    [4, 'no such service'],
  ],
  run: (session, input) => pinAll(session, input, 'none'),
};
