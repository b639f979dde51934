/** What `rouse doctor --json` prints. */
import { z } from 'zod';

/** A thing that was looked at. `why` and `mend` are null where there is nothing to say. */
export const apiFinding = z
  .object({
    about: z.enum(['machine', 'folders', 'daemon', 'definition', 'practice']),
    what: z.string(),
    state: z.enum(['ok', 'note', 'problem']),
    why: z.string().nullable(),
    mend: z.string().nullable(),
  })
  .readonly()
  .meta({ id: 'Finding' });

/** What was looked at, in order. `state` is the worst of all. */
export const apiDoctor = z
  .object({ state: z.enum(['ok', 'note', 'problem']), findings: z.array(apiFinding).readonly() })
  .readonly()
  .meta({ id: 'Doctor' });

/** A thing that was looked at. */
export type ApiFinding = z.infer<typeof apiFinding>;
/** Everything that was looked at. */
export type ApiDoctor = z.infer<typeof apiDoctor>;
