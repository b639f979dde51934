import { expect, test } from 'vitest';
import { askedFor, openEnds, practices } from '../../src/cli/doctor-definition.ts';
import { PLAIN_CONFINEMENT } from '../../src/model/confinement.ts';
import { PLAIN_POLICY } from '../../src/model/policy.ts';
import type { Definition, Spec } from '../../src/model/spec.ts';
import type { Examination, Trial } from '../../src/supervisor/machine.ts';
import { definition, spec } from '../api/fake-supervisor.ts';

const WHAT = ['user', 'default', 'strict', 'no-network', 'low-ports', 'limits', 'groups'] as const;
const machine = (
  lacks: readonly Trial['what'][],
  limits: readonly string[] = ['memory', 'cpu', 'pids'],
): Examination => ({
  trials: WHAT.map((what) => ({ what, why: lacks.includes(what) ? 'it cannot' : null, mend: null })),
  programs: [],
  limits,
});
const of = (...services: readonly Spec[]): Definition => definition(services);

test('what a definition asks for and cannot have is a problem; what nobody asks for is not spoken of', () => {
  const strict = spec('web', { confinement: { ...PLAIN_CONFINEMENT, sandbox: 'strict' } });
  expect(askedFor(of(strict), machine(['strict', 'user']))).toEqual([
    expect.objectContaining({ what: 'sandbox = "strict": web', state: 'problem', why: 'it cannot' }),
  ]);
  expect(askedFor(of(strict), machine([]))).toEqual([expect.objectContaining({ state: 'ok' })]);
  expect(askedFor(of(spec('db')), machine([...WHAT]))).toEqual([]);
});

test('a limit that no control group holds is a problem of who asks for it', () => {
  const db = spec('db', { limits: { memoryBytes: 1024, cpus: null, processes: null } });
  expect(askedFor(of(db), machine([], ['pids']))).toEqual([
    expect.objectContaining({ what: 'limits on memory: db', state: 'problem' }),
  ]);
});

test('scripts of Nushell are spoken of where there are some, and a problem where `nu` is not there', () => {
  const script = { argv: ['web.nu'], via: 'nushell', source: 'web.nu', origin: null } as const;
  const web = spec('web', { execution: { type: 'process', command: script } });
  const without = (path: string | null): Examination => ({
    ...machine([]),
    programs: [{ name: 'nu', path, use: '', package: 'nushell' }],
  });
  expect(askedFor(of(web), without(null))).toEqual([
    expect.objectContaining({ what: 'scripts of Nushell: web', state: 'problem', why: '`nu` is not there' }),
  ]);
  expect(askedFor(of(web), without('/usr/bin/nu'))).toEqual([expect.objectContaining({ state: 'ok' })]);
  expect(askedFor(of(spec('db')), without(null))).toEqual([]);
});

test('services of root, commands of a shell and a trail with gaps are noted', () => {
  const shell = { type: 'process', command: { argv: ['a | b'], via: 'shell', source: 'a | b', origin: null } } as const;
  const open = { ...of(spec('web', { execution: shell })), policy: { ...PLAIN_POLICY, auditFailure: 'warn' } } as const;
  expect(openEnds(open, 0).map(({ what }) => what)).toEqual([
    'services that run as root: web',
    'a user is not asked for',
    'commands that a shell reads: web',
    'the audit trail may have gaps',
  ]);
  expect(openEnds(of(spec('web')), 1000)).toEqual([]);
});

test('practices that a definition does not follow are notes, with what mends them', () => {
  const unchecked = spec('web', { description: '', liveness: null, readiness: { type: 'settle', settleMs: 0 } });
  const found = practices(of(unchecked));
  expect(found.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['no health check: web', 'no description: web']),
  );
  expect(found.every(({ state, mend }) => state === 'note' && mend !== null)).toBe(true);
});

test('a dependency that another one brings along need not be declared, and a long chain is noted', () => {
  const needs = (...names: readonly string[]): Partial<Spec> => ({
    dependencies: names.map((name) => ({ name, when: 'ready', need: 'required', onLoss: 'ignore', origin: null })),
  });
  const chain = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, at, all) =>
    spec(name, at === 0 ? {} : needs(all[at - 1] ?? '')),
  );
  const found = practices(of(...chain, spec('z', needs('a', 'b')))).map(({ what }) => what);
  expect(found).toContain('dependencies that follow from others: z on a');
  expect(found.some((what) => what.startsWith('a chain of 7: a > b'))).toBe(true);
});
