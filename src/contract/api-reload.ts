/** A reload: what the files change for each service, and the changes that carry it out. */
import { z } from 'zod';
import { apiChange } from './api-change.ts';
import { loadOrder } from './api-definition.ts';

/** A key that differs; `from` and `to` are JSON as the definition file would have it, secrets masked. */
export const apiFieldChange = z
  .object({
    field: z.string(),
    from: z.unknown(),
    to: z.unknown(),
    effect: z.enum(['live', 'restart']),
  })
  .meta({ id: 'FieldChange' });

/**
 * What a definition changes for one service. `live` holds at once, `restart` needs a new run; `runs`: whether it has one
 * now; `starts`: whether a reload starts it. `fields` of what is added or removed is empty.
 */
export const apiDifference = z
  .object({
    name: z.string(),
    action: z.enum(['add', 'remove', 'live', 'restart', 'none']),
    runs: z.boolean(),
    starts: z.boolean(),
    fields: z.array(apiFieldChange).readonly(),
  })
  .meta({ id: 'Difference' });

/** What a reload does, or would do. `changes` is empty where nothing has to be started or restarted; `rules` names what differs of what is allowed at all. */
export const apiReload = z
  .object({
    hash: z.string(),
    services: z.array(apiDifference).readonly(),
    changes: z.array(apiChange).readonly(),
    rules: z.array(z.string()).readonly(),
  })
  .meta({ id: 'Reload' });

/** The body of `POST /definition/reload`: with `restart: none`, what is outdated runs on as it is. */
export const reloadOrder = z
  .strictObject({ ...loadOrder.shape, restart: z.enum(['outdated', 'none']).optional() })
  .meta({ id: 'ReloadOrder' });

/** The body of `POST /services/{name}/scale`; null: as many as the definition says. */
export const scaleOrder = z
  .strictObject({ replicas: z.number().int().min(1).max(100).nullable(), dry_run: z.boolean().optional() })
  .meta({ id: 'ScaleOrder' });

/** A key that differs. */
export type ApiFieldChange = Readonly<z.infer<typeof apiFieldChange>>;

/** What a definition changes for one service. */
export type ApiDifference = Readonly<z.infer<typeof apiDifference>>;

/** What a reload does. */
export type ApiReload = Readonly<z.infer<typeof apiReload>>;

/** Which files to read again, and what follows. */
export type ReloadOrder = Readonly<z.infer<typeof reloadOrder>>;

/** How many there are to be of a service. */
export type ScaleOrder = Readonly<z.infer<typeof scaleOrder>>;
