// What a daemon is asked to do, or is to find, while it is killed.
import { writeFileSync } from 'node:fs';
import type { Client } from '../../src/client/client.ts';
import { type World, isAlive, until } from '../e2e/daemon-world.ts';
import { processesWith } from './count.ts';

/** One scene. */
export interface Scene {
  readonly name: string;
  /** Whether everything is up under an earlier daemon when it begins. */
  readonly before: 'nothing' | 'up';
  /** What happens after the earlier daemon is gone, and before the one that is to be killed is there. */
  readonly meanwhile?: (stage: Stage) => Promise<void>;
  /** What is asked of the daemon that is to be killed. May be cut off anywhere. */
  readonly play: (stage: Stage, client: Client) => Promise<void>;
  /** What is asked again of the one after it, and must then hold. */
  readonly wanted: 'up' | 'stop' | 'down';
}

/** Where it is played. */
export interface Stage {
  readonly shop: World;
  /** In the environment of every process of the project. */
  readonly mark: string;
}

/** Names of the two services; the second is restarted with the first. */
export const NAMES: readonly string[] = ['one', 'two'];

/** All of them. */
export const SCENES: readonly Scene[] = [
  { name: 'up', before: 'nothing', play: (_stage, client) => settled(client, 'up', []), wanted: 'up' },
  { name: 'restart', before: 'up', play: (_stage, client) => settled(client, 'restart', ['one']), wanted: 'up' },
  { name: 'stop', before: 'up', play: (_stage, client) => settled(client, 'stop', NAMES), wanted: 'stop' },
  { name: 'down', before: 'up', play: (_stage, client) => goDown(client), wanted: 'down' },
  { name: 'reload', before: 'up', play: reload, wanted: 'up' },
  { name: 'crash', before: 'up', play: crash, wanted: 'up' },
  { name: 'recovery', before: 'up', play: (stage) => isUp(stage), wanted: 'up' },
  { name: 'recovery of what crashed', before: 'up', meanwhile: endOne, play: (stage) => isUp(stage), wanted: 'up' },
  {
    name: 'recovery of a start',
    before: 'nothing',
    meanwhile: cutOffStart,
    play: (stage) => isUp(stage),
    wanted: 'up',
  },
];

/** The definition; `generation` differs where it has been changed. */
export function definitionOf(stage: Stage, generation: string): string {
  const { shop, mark } = stage;
  const [variable = '', value = ''] = mark.split('=');
  const holder = `${shop.root}/holder`;
  const hook = (name: string): string => `${name} = ["${holder}", "hook"]`;
  return `[defaults]
env = { ${variable} = "${value}", GENERATION = "${generation}" }
settle = "0s"
restart = { policy = "always", delay = "20ms" }
stop = { timeout = "500ms" }
[services.one]
command = ["${holder}"]
[services.one.hooks]
${hook('before_start')}
${hook('after_stop')}
[services.two]
command = ["${holder}"]
depends_on = { one = { on_loss = "restart" } }
`;
}

/** Writes the program: it takes the lock of its service for as long as it lives, and its hooks do for a moment. */
export function writeHolder(root: string): void {
  const text = `#!/bin/sh
exec 9>"${root}/lock.$ROUSE_SERVICE"
flock -n 9 || { echo "$ROUSE_SERVICE $ROUSE_RUN $ROUSE_HOOK" >>"${root}/doubles"; exit 99; }
[ "$1" = hook ] && exit 0
exec sleep 1000
`;
  writeFileSync(`${root}/holder`, text, { mode: 0o755 });
}

/** Process ids of the runs that have become the program that is counted. */
export function livesOf(mark: string): readonly number[] {
  return processesWith(mark)
    .filter((each) => / sleep 1000/.test(each))
    .map((each) => Number(each.split(' ')[0]));
}

/** Waits for a change that is made now. */
async function settled(client: Client, action: 'up' | 'restart' | 'stop', names: readonly string[]): Promise<void> {
  const change = await client.changes.create({ action, services: [...names] });
  await client.changes.settled(change.id, AbortSignal.timeout(20_000));
}

async function goDown(client: Client): Promise<void> {
  const { pid } = await client.daemon.status();
  await client.daemon.stop('down');
  await until(() => !isAlive(pid), 'everything is down');
}

async function reload(stage: Stage, client: Client): Promise<void> {
  stage.shop.write(definitionOf(stage, 'second'));
  const { changes } = await client.definition.reload({ files: stage.shop.order.files });
  for (const { id } of changes) await client.changes.settled(id, AbortSignal.timeout(20_000));
}

async function crash(stage: Stage, client: Client): Promise<void> {
  const before = await client.services.list();
  await endOne(stage);
  // `two` follows; both have another run when the restart is over.
  await until(async () => {
    const now = await client.services.list();
    return now.every(({ run, phase }, at) => phase === 'ready' && run !== before[at]?.run);
  }, 'both are up again');
}

/** A service ends. */
async function endOne({ mark }: Stage): Promise<void> {
  const [pid] = livesOf(mark);
  if (pid === undefined) throw new Error('nothing lives');
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid), 'it has ended');
}

/** A daemon is killed while it starts everything. */
async function cutOffStart({ shop }: Stage): Promise<void> {
  const client = await shop.start();
  await client.changes.create({ action: 'up', services: [] });
  await shop.kill();
}

async function isUp({ mark }: Stage): Promise<void> {
  await until(() => livesOf(mark).length === NAMES.length, 'both are up');
}
