/** Sending a signal to what runs. */
import { constants } from 'node:os';
import { z } from 'zod';

/** The body of `POST /services/{name}/signal`. `main` reaches the main process alone, `tree` every process of the run. */
export const signalOrder = z
  .strictObject({
    signal: z
      .string()
      .max(16)
      .refine((name) => Object.hasOwn(constants.signals, name), 'a name such as "SIGHUP" is needed'),
    scope: z.enum(['main', 'tree']).optional(),
  })
  .meta({ id: 'SignalOrder' });

/** Which signal, to whom. */
export type SignalOrder = Readonly<z.infer<typeof signalOrder>>;
