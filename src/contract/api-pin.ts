/** Pinning services to where they are wanted. */
import { z } from 'zod';

/** The body of `POST /pins`: all of the services are pinned, or none. `none` takes a pin away. */
export const pinOrder = z
  .strictObject({
    services: z.array(z.string().max(70)).min(1).max(10_000).readonly(),
    pin: z.enum(['up', 'down', 'none']),
  })
  .meta({ id: 'PinOrder' });

/** Whom to pin, and where. */
export type PinOrder = Readonly<z.infer<typeof pinOrder>>;
