/** Loads the file of a verb, and of no other: a short command must not pay for the long ones. */
import type { Verb } from './verb.ts';
import type { VerbName } from './verbs.ts';

const LOADERS: Readonly<Record<VerbName, () => Promise<{ readonly verb: Verb }>>> = {
  init: () => import('./init.ts'),
  demo: () => import('./demo.ts'),
  up: () => import('./up.ts'),
  down: () => import('./down.ts'),
  start: () => import('./start.ts'),
  stop: () => import('./stop.ts'),
  restart: () => import('./restart.ts'),
  reload: () => import('./reload.ts'),
  scale: () => import('./scale.ts'),
  run: () => import('./run.ts'),
  exec: () => import('./exec.ts'),
  signal: () => import('./signal.ts'),
  pin: () => import('./pin.ts'),
  unpin: () => import('./unpin.ts'),
  wait: () => import('./wait.ts'),
  ps: () => import('./ps.ts'),
  status: () => import('./status.ts'),
  logs: () => import('./logs.ts'),
  events: () => import('./events.ts'),
  graph: () => import('./graph.ts'),
  health: () => import('./health.ts'),
  checks: () => import('./checks.ts'),
  explain: () => import('./explain.ts'),
  plan: () => import('./plan.ts'),
  diff: () => import('./diff.ts'),
  impact: () => import('./impact.ts'),
  changes: () => import('./changes.ts'),
  validate: () => import('./validate.ts'),
  config: () => import('./config.ts'),
  schema: () => import('./schema.ts'),
  daemon: () => import('./daemon.ts'),
  token: () => import('./token.ts'),
  doctor: () => import('./doctor.ts'),
  audit: () => import('./audit.ts'),
  completion: () => import('./completion.ts'),
  help: () => import('./help.ts'),
  version: () => import('./version.ts'),
};

/** The verb of that name. */
export async function loadVerb(name: VerbName): Promise<Verb> {
  return (await LOADERS[name]()).verb;
}
