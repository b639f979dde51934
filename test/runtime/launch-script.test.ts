import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc, test as property } from '@fast-check/vitest';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ScriptOrder, launchScript, quote } from '../../src/runtime/launch-script.ts';

const TOOLS = { setsid: '/usr/bin/setsid', env: '/usr/bin/env' };
const order = (different: Partial<ScriptOrder> = {}): ScriptOrder => ({
  which: 'api/1',
  launch: { type: 'launch', file: '/bin/true', args: [] },
  directory: '/',
  umask: null,
  environment: {},
  output: '/dev/null',
  ready: null,
  place: [],
  secrets: null,
  ...different,
});
const lastLine = (different: Partial<ScriptOrder>, tools = TOOLS): string =>
  launchScript(order(different), tools).trim().split('\n').at(-1) ?? '';

test('every step comes before the process notes itself, which comes right before it becomes the program', () => {
  const script = launchScript(
    order({ umask: 0o27, place: ['/g'], environment: { A: '1' }, ready: { fd: 4, path: '/r' } }),
    TOOLS,
  );
  expect(script.split('\n')).toEqual([
    "cd -P -- '/' || fail directory",
    'umask 0027',
    "{ echo 0 >'/g/cgroup.procs'; } 2>/dev/null",
    "exec >>'/dev/null' || fail output",
    'note',
    `printf 'proc %s\\n' "$stat" >>"$d/record" || exit 125`,
    'say api/1',
    "export A='1'",
    'unset PWD OLDPWD SHLVL _',
    "exec '/usr/bin/setsid' '/bin/true' 2>&1 4>>'/r'",
    '',
  ]);
});

test('a name that no shell may export is set by env, before which no path with an equals sign may stand', () => {
  const odd = { 'A.B': '1', UID: '0', GONE: undefined };
  expect(lastLine({ environment: odd, launch: { type: 'launch', file: '/a=b', args: ['c'] } })).toBe(
    "exec '/usr/bin/env' -i -- 'A.B=1' 'UID=0' '/usr/bin/setsid' '/a=b' 'c' 2>&1",
  );
});

test('who is watched is the process itself, whatever a variable is called', () => {
  const lines = launchScript(order({ environment: { stat: '1 2', WATCHDOG_USEC: '5' } }), TOOLS).split('\n');
  expect(lines.indexOf('export "WATCHDOG_PID=${stat%% *}"')).toBeLessThan(lines.indexOf("export stat='1 2'"));
});

test('without setsid the program is executed as it is', () => {
  expect(lastLine({}, { setsid: '', env: '' })).toContain('exec');
  expect(launchScript(order(), { setsid: null, env: '/usr/bin/env' })).toContain("exec '/bin/true' 2>&1\n");
});

describe('a shell reads back', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rouse-script-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.for([
    ['quotes', `it's "two" \\ \`three\` $HOME`],
    ['lines', 'one\ntwo\n\n'],
    ['letters beyond ASCII, whose bytes some shells use for themselves', 'ぁあ\u0081\u0088ÿ€😀'],
    ['nothing', ''],
    ['patterns', '* ? [a-z] ~ !x {a,b} #'],
  ] as const)('%s as they were written', ([, word]) => {
    const path = join(folder, 'out');
    const script = `exec >'${path}'\nexport WORD=${quote(word)}\nexec /usr/bin/env -i "WORD=$WORD" /usr/bin/printenv WORD`;
    writeFileSync(join(folder, 'script'), script);
    execFileSync('/bin/sh', [join(folder, 'script')]);
    expect(readFileSync(path, 'utf8')).toBe(`${word}\n`);
  });

  const text = fc.string({ unit: 'grapheme' }).map((word) => word.replaceAll('\0', ''));
  const odd = fc.constantFrom(
    '-n',
    '--',
    '-i',
    "'",
    '$(exit 9)',
    '`exit 9`',
    'a b',
    '\n',
    'IFS',
    'PS4',
    'ENV',
    'd',
    'runs',
    'stat',
  );
  const name = fc.oneof(odd, text).map((word) => word.replaceAll('=', '') || 'EMPTY');
  const environments = fc.dictionary(name, fc.oneof(odd, text), { maxKeys: 12 });

  property.prop([environments, fc.array(fc.oneof(odd, text))], { numRuns: 40 })(
    'whatever names, values and arguments there are, and executes nothing of it',
    (environment, words) => {
      const output = join(folder, 'out');
      const print = 'print scalar @ARGV, "\\0", map { "$_\\0" } @ARGV, map { "$_=$ENV{$_}" } keys %ENV';
      const launch = { type: 'launch', file: '/usr/bin/perl', args: ['-e', print, '--', ...words] } as const;
      const script = launchScript(order({ environment, launch, output, directory: folder }), TOOLS);
      const shim = `d='${folder}'\nfail() { exit 125; }\nnote() { stat='7 (sh) R'; }\nsay() { :; }\n`;
      writeFileSync(join(folder, 'script'), shim + script);
      rmSync(output, { force: true });
      execFileSync('/bin/sh', [join(folder, 'script')], { env: {} });
      const [count, ...found] = readFileSync(output, 'utf8').split('\0').slice(0, -1);
      expect([Number(count), ...found.slice(0, words.length)]).toEqual([words.length, ...words]);
      const expected = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
      expect(new Set(found.slice(words.length))).toEqual(new Set(expected));
    },
  );
});
