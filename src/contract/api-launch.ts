/** How a command is run as a service would be: its program, its environment and its folder. For admins only. */
import { z } from 'zod';
import type { LaunchOrder, Launching } from '../model/launching.ts';

const words = z.array(z.string().max(131_072)).max(10_000);

/** The body of `POST /services/{name}/launch`. Without `command`: the service's own. */
export const launchOrder = z
  .strictObject({ command: words.min(1).readonly().optional(), arguments: words.readonly().optional() })
  .meta({ id: 'LaunchOrder' });

/** What the caller hands to his operating system: nothing is started by asking. */
export const apiLaunch = z
  .object({
    file: z.string(),
    args: z.array(z.string()).readonly(),
    env: z.record(z.string(), z.string()).readonly(),
    cwd: z.string(),
  })
  .meta({ id: 'Launch' });

/** What is handed to the operating system. */
export type ApiLaunch = Readonly<z.infer<typeof apiLaunch>>;

/** What to run. */
export type ApiLaunchOrder = Readonly<z.infer<typeof launchOrder>>;

/** The order in the model's words. */
export function toLaunchOrder(order: ApiLaunchOrder): LaunchOrder {
  return { command: order.command ?? null, more: order.arguments ?? [] };
}

/** The model's launching in the words of the API. */
export function toApiLaunch({ file, args, env, cwd }: Launching): ApiLaunch {
  return { file, args, env, cwd };
}
