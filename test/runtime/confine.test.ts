import { expect, test } from 'vitest';
import { type Confinement, PLAIN_CONFINEMENT } from '../../src/model/confinement.ts';
import type { StartFault } from '../../src/model/reason.ts';
import { type ConfinePlan, planConfinement } from '../../src/runtime/confine.ts';
import { isFault } from '../../src/runtime/confine-account.ts';
import { confineCommand } from '../../src/runtime/confine-launch.ts';
import type { ConfineWorld, Tool } from '../../src/runtime/confine-tools.ts';
import { createConfining } from '../../src/runtime/confining.ts';
import { launchScript } from '../../src/runtime/launch-script.ts';

const ROOT: ConfineWorld = {
  uid: 0,
  gid: 0,
  find: (tool) => `/usr/bin/${tool}`,
  may: { raise: true, hurry: true },
  most: () => null,
};
const PERSON: ConfineWorld = {
  ...ROOT,
  uid: 61_190,
  gid: 61_190,
  may: { raise: false, hurry: false },
  most: () => 100,
};
const without = (world: ConfineWorld, missing: Tool): ConfineWorld => ({
  ...world,
  find: (tool) => (tool === missing ? null : world.find(tool)),
});
const plan = (asks: Partial<Confinement>, world: ConfineWorld): ConfinePlan | StartFault =>
  planConfinement({ name: 'web', confinement: { ...PLAIN_CONFINEMENT, ...asks } }, world);
function planned(asks: Partial<Confinement>, world: ConfineWorld): ConfinePlan {
  const one = plan(asks, world);
  if (isFault(one)) throw new Error(one.message);
  return one;
}
const limits = (asked: Partial<Confinement['limits']>): Pick<Confinement, 'limits'> => ({
  limits: { ...PLAIN_CONFINEMENT.limits, ...asked },
});

test('a service that asks for nothing stays who the daemon is and gains no rights', () => {
  const one = planned({}, PERSON);
  expect(one).toMatchObject({ as: null, bwrap: null, held: { gains: 'enforced', user: { uid: 61_190 } } });
  expect(one.drop).toEqual(['/usr/bin/setpriv', '--no-new-privs', '--']);
  expect(one.limits.shell).toEqual(['ulimit -c 0 || fail limit']);
});

test('where setpriv is not there it starts all the same, and says what it lacks', () => {
  const one = planned({}, without(PERSON, 'setpriv'));
  expect(one.drop).toEqual([]);
  expect(one.held.gains).toMatchObject({ unavailable: expect.stringContaining('util-linux') });
});

test('a user cannot be had without setpriv, and not by a daemon that is not root but for its own', () => {
  expect(plan({ user: '5' }, without(ROOT, 'setpriv'))).toMatchObject({ code: 'isolation', program: 'setpriv' });
  expect(plan({ user: '5' }, PERSON)).toMatchObject({ code: 'isolation', message: expect.stringContaining('root') });
  expect(plan({ user: '61190' }, PERSON)).toMatchObject({ as: null });
});

test('a number without a user gets the group of that number and no other, never that of the daemon', () => {
  expect(planned({ user: '61190' }, ROOT).drop).toEqual(
    expect.arrayContaining(['--reuid=61190', '--regid=61190', '--clear-groups', '--bounding-set=-all']),
  );
});

test('strict needs somebody who is not root', () => {
  expect(plan({ sandbox: 'strict' }, ROOT)).toMatchObject({ code: 'isolation' });
  expect(plan({ sandbox: 'strict', user: '0' }, ROOT)).toMatchObject({ code: 'isolation' });
  expect(plan({ sandbox: 'strict' }, PERSON)).toMatchObject({ as: null, bwrap: '/usr/bin/bwrap' });
});

test('low ports cannot be had behind a wall, nor by a daemon that is not root', () => {
  const lowPorts = 'allowed';
  expect(plan({ lowPorts, user: '61190', network: 'none' }, ROOT)).toMatchObject({ code: 'isolation' });
  expect(plan({ lowPorts }, PERSON)).toMatchObject({ code: 'isolation' });
});

test('a limit above that of a daemon that may not raise it is left away and said to be unavailable', () => {
  const one = planned(limits({ files: 101, stackBytes: 100, nice: -5 }), PERSON);
  expect(one.held.limits).toMatchObject({
    files: { unavailable: 'the daemon itself may have 100 at most' },
    stackBytes: 'enforced',
    nice: { unavailable: 'only root may hurry a process' },
    cpuTimeMs: 'none',
  });
  expect(one.limits.shell.join()).not.toContain('-n');
  expect(planned(limits({ files: 101, nice: -5 }), ROOT)).toMatchObject({ limits: { nice: -5 } });
});

test('variables of the loader are set after the rights are given up', () => {
  const launch = { type: 'launch', file: '/bin/own', args: [] } as const;
  const script = launchScript(
    {
      which: 'web/1',
      launch,
      directory: '/',
      umask: null,
      environment: { LD_PRELOAD: '/home/web/own.so', OWN: 'yes' },
      output: '/log',
      ready: null,
      place: [],
      secrets: null,
      confined: { limits: [], drop: ['/usr/bin/setpriv', '--'], wall: [], note: null },
    },
    { setsid: null, env: '/usr/bin/env' },
  );
  expect(script).toContain("export OWN='yes'");
  expect(script).not.toContain('export LD_PRELOAD');
  expect(script).toContain("'/usr/bin/setpriv' '--' '/usr/bin/env' -- 'LD_PRELOAD=/home/web/own.so' '/bin/own'");
  const spec = { name: 'web', cwd: '/', confinement: { ...PLAIN_CONFINEMENT, user: '61190' } };
  const beside = confineCommand(createConfining(ROOT), spec, { launch, environment: { LD_PRELOAD: 'x', OWN: 'yes' } });
  expect(beside).toMatchObject({ type: 'command', environment: { OWN: 'yes' } });
  expect(beside.type === 'command' && beside.launch.args.slice(-4)).toEqual([
    '/usr/bin/env',
    '--',
    'LD_PRELOAD=x',
    '/bin/own',
  ]);
});
