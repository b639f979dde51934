import { expect, test } from 'vitest';
import { findHierarchies } from '../../src/runtime/cgroup-find.ts';

const V1 = (name: string, root = '/'): string =>
  `40 30 0:36 ${root} /sys/fs/cgroup/${name} rw,nosuid - cgroup cgroup rw,${name}`;
const V2 = (at: string, root = '/'): string => `30 23 0:26 ${root} ${at} rw,nosuid shared:4 - cgroup2 cgroup2 rw`;
const text = (...lines: readonly string[]): string => `${lines.join('\n')}\n`;

test('a machine with version 2 alone has one hierarchy, and the own group in it', () => {
  const found = findHierarchies(text(V2('/sys/fs/cgroup')), text('0::/user.slice/user-1000.slice/app.scope'));
  expect(found.unified).toBe('/sys/fs/cgroup/user.slice/user-1000.slice/app.scope');
  expect([...found.separate]).toEqual([]);
});

test('a hybrid machine has version 2 beside one hierarchy for each of memory, processors and processes', () => {
  const found = findHierarchies(
    text(V2('/sys/fs/cgroup/unified'), V1('memory'), V1('cpu,cpuacct'), V1('pids'), V1('devices')),
    text('9:devices:/', '8:pids:/', '4:memory:/own/group', '1:cpu,cpuacct:/', '0::/'),
  );
  expect(found.unified).toBe('/sys/fs/cgroup/unified');
  expect([...found.separate]).toEqual([
    ['memory', '/sys/fs/cgroup/memory/own/group'],
    ['cpu', '/sys/fs/cgroup/cpu,cpuacct'],
    ['pids', '/sys/fs/cgroup/pids'],
  ]);
});

test('where a part of a hierarchy is mounted, the own group is looked for in that part', () => {
  const self = text('0::/docker/abc/own');
  expect(findHierarchies(text(V2('/sys/fs/cgroup', '/docker/abc')), self).unified).toBe('/sys/fs/cgroup/own');
});

test('where the own group is not in what is mounted, the mount itself is used', () => {
  expect(findHierarchies(text(V2('/sys/fs/cgroup', '/docker/abc')), text('0::/other')).unified).toBe('/sys/fs/cgroup');
  expect(findHierarchies(text(V2('/sys/fs/cgroup')), text('0::/../..')).unified).toBe('/sys/fs/cgroup');
});

test('a machine without control groups has none', () => {
  const proc = '20 1 0:5 / /proc rw - proc proc rw';
  expect(findHierarchies(text(proc), '')).toEqual({ unified: null, separate: new Map() });
  expect(findHierarchies('', '')).toEqual({ unified: null, separate: new Map() });
  expect(findHierarchies(text(V1('memory')), text('0::/')).separate.size).toBe(0);
});

test('a space in the path of a mount is read as one', () => {
  expect(findHierarchies(text(V2(String.raw`/my\040groups`)), text('0::/a')).unified).toBe('/my groups/a');
});
