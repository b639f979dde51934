/** What each level of confinement adds to one start: the same words as for a run, around `true`, beside a bare one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type Confinement, PLAIN_CONFINEMENT } from '../../src/model/confinement.ts';
import { confineScript } from '../../src/runtime/confine-launch.ts';
import { createConfining } from '../../src/runtime/confining.ts';
import type { Figure } from './figure.ts';
import { median } from './figure.ts';

const ROUNDS = 200;
/** Nobody on this machine. */
const USER = '61190';
const PROGRAM = '/usr/bin/true';

const LEVELS: readonly (readonly [name: string, asks: Partial<Confinement>, goal: string])[] = [
  ['a service that asks for nothing: no rights to be gained', {}, 'at most 5 ms'],
  ['a user, the sandbox `none`', { user: USER, sandbox: 'none' }, 'small'],
  ['a user, the sandbox `default`', { user: USER }, 'at most 5 ms'],
  [
    'a user with all limits of processes',
    { user: USER, limits: { ...PLAIN_CONFINEMENT.limits, files: 1000, nice: 5 } },
    'small',
  ],
  ['a user without the network', { user: USER, network: 'none' }, 'small'],
  ['a user, the sandbox `strict`', { user: USER, sandbox: 'strict' }, 'small'],
  ['a user, `strict`, without the network', { user: USER, sandbox: 'strict', network: 'none' }, 'small'],
];

/** The figures: added ms a start, medians of one interleaved run. Errors: throws when one cannot be had, or was none. */
export function confine(): readonly Figure[] {
  if (process.geteuid?.() !== 0) throw new Error('only root can begin a program as another user');
  const scripts = LEVELS.map(([, asks]) => scriptOf({ ...PLAIN_CONFINEMENT, ...asks }));
  const bare = { line: 'exec "$@"', words: [PROGRAM] };
  const taken = [bare, ...scripts].map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, { line, words }] of [bare, ...scripts].entries()) {
      const from = performance.now();
      const { status, stderr } = spawnSync('/bin/sh', ['-c', line, 'rouse', ...words], { cwd: '/', encoding: 'utf8' });
      taken[index]?.push(performance.now() - from);
      assert.equal(status, 0, stderr);
    }
  const [floor = [], ...levels] = taken;
  const least = median(floor);
  return [
    { name: 'a bare start', value: least, unit: 'ms', floor: null, goal: 'the floor' },
    ...LEVELS.map(([name, , goal], index) => ({
      name,
      value: median(levels[index] ?? []) - least,
      unit: 'ms more',
      floor: null,
      goal,
    })),
  ];
}

function scriptOf(confinement: Confinement): { readonly line: string; readonly words: readonly string[] } {
  const confining = createConfining();
  const spec = { name: 'bench', confinement, cwd: '/' };
  const plan = confining.plan(spec);
  assert('drop' in plan, 'it cannot be confined here');
  const launch = { type: 'launch', file: PROGRAM, args: [] } as const;
  const script = confineScript(plan, { spec, launch, readyFd: null, folders: [], unset: [], watched: 'no' });
  assert('drop' in script, 'it cannot be confined here');
  const note = script.note === null ? '' : ` ${script.note}>>/dev/null`;
  const limits = script.limits.map((limit) => limit.replace('fail limit', 'exit 125'));
  return { line: [...limits, `exec "$@"${note}`].join('\n'), words: [...script.drop, ...script.wall, PROGRAM] };
}
