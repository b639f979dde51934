import { describe, expect, test } from 'vitest';
import { allowsCommand, isInterpreter, nearestRule } from '../../src/model/command-rules.ts';

const command = (text: string, real?: string): { argv: readonly string[]; real: string } => {
  const argv = text.split(' ');
  return { argv, real: real ?? argv[0] ?? '' };
};
const rules = (...texts: string[]): readonly (readonly string[])[] => texts.map((text) => text.split(' '));

test('without rules every command may run, and with an empty list none', () => {
  expect(allowsCommand(null, command('/bin/sh -c x'))).toBe(true);
  expect(allowsCommand([], command('/bin/true'))).toBe(false);
});

test.for([
  ['/usr/bin/systemctl start *', '/usr/bin/systemctl start web', true],
  ['/usr/bin/systemctl start *', '/usr/bin/systemctl stop web', false],
  ['/usr/bin/systemctl start *', '/usr/bin/systemctl start', false],
  ['/usr/bin/systemctl start *', '/usr/bin/systemctl start a b', false],
  ['/usr/bin/systemctl start *', '/usr/local/bin/systemctl start web', false],
  ['/usr/bin/systemctl start *', '/usr/bin/systemctl start --root=/x', false],
  ['/usr/bin/systemctl start *', '/usr/bin/systemctl start -H', false],
  ['/usr/bin/systemctl start -- *', '/usr/bin/systemctl start -- -x', true],
  ['/usr/bin/a * -- *', '/usr/bin/a -- -- x', false],
  ['/usr/bin/docker *', '/usr/bin/docker ps', true],
  ['/usr/bin/a *b', '/usr/bin/a ab', false],
  ['* x', '/opt/a x', true],
  ['* *', '/bin/sh x', false],
  ['* *', '/usr/bin/env x', false],
  ['/bin/sh -c x', '/bin/sh -c x', true],
  ['/bin/sh -c x', '/bin/sh -c y', false],
  ['/bin/sh -c x', '/bin/bash -c x', false],
  ['/usr/bin/python3 /srv/job.py *', '/usr/bin/python3 /srv/job.py 1', true],
] as const)('the rule %s for %s: %s', ([rule, text, expected]) => {
  expect(allowsCommand(rules(rule), command(text))).toBe(expected);
});

test('a link under another name that leads to an interpreter is none that a rule names', () => {
  expect(allowsCommand(rules('/usr/bin/tidy-up *'), command('/usr/bin/tidy-up x', '/usr/bin/python3.11'))).toBe(false);
  expect(allowsCommand(rules('/bin/sh -c x'), command('/bin/sh -c x', '/usr/bin/dash'))).toBe(true);
});

test.for([
  'sh',
  'bash',
  'dash',
  'zsh',
  'ksh',
  'fish',
  'env',
  'python',
  'python3',
  'python3.11',
  'perl',
  'perl5.36',
  'ruby',
  'node',
  'nodejs',
  'nu',
  'find',
  'xargs',
  'sudo',
  'su',
  'ssh',
  'systemd-run',
  'setpriv',
  'busybox',
  'awk',
  'mawk',
  'nsenter',
  'chroot',
  'timeout',
  'nohup',
  'lua5.4',
  'php8.2',
  'ld-linux-x86-64.so.2',
])('%s is an interpreter', (name) => {
  expect(isInterpreter(`/usr/bin/${name}`)).toBe(true);
});

test.for([
  'systemctl',
  'docker',
  'nginx',
  'postgres',
  'sshd',
  'ssh-agent',
  'nodeman',
  'findmnt',
  'suricata',
  'shutdown',
])('%s is no interpreter', (name) => {
  expect(isInterpreter(`/usr/bin/${name}`)).toBe(false);
});

describe('the nearest rule', () => {
  const known = rules('/usr/bin/systemctl start *', '/usr/bin/systemctl stop *', '/usr/bin/docker start *');

  test.for([
    ['/usr/bin/systemctl stpo web', '/usr/bin/systemctl start *'],
    ['/usr/bin/systemctl stop a b', '/usr/bin/systemctl stop *'],
    ['/bin/docker start a', '/usr/bin/docker start *'],
    ['/usr/bin/dokcer start a', '/usr/bin/docker start *'],
  ] as const)('of %s is %s', ([text, rule]) => {
    expect(nearestRule(known, text.split(' '))?.join(' ')).toBe(rule);
  });

  test('is none where nothing is near', () => {
    expect(nearestRule(known, ['/opt/x'])).toBeNull();
    expect(nearestRule([], ['/opt/x'])).toBeNull();
  });
});
