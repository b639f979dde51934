import { expect, test } from 'vitest';
import { endingOf, parseRecord } from '../../src/runtime/run-record.ts';

const stat = (pid: number, name: string): string =>
  `${pid} (${name}) R 1 1 1 0 -1 4194368 31 0 0 0 0 0 0 0 20 0 1 0 4242 2846720 224 18446744073709551615 1 2 3 777 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 5 6 7 888 9 10 11 0`;
const ending = (text: string, asked: string | null = null): unknown => endingOf(parseRecord(text), asked);

test('a record names the shim and the process by id and start time', () => {
  const record = parseRecord(`shim ${stat(10, 'sh')}\nproc ${stat(11, 'a) (b')}\n`);
  expect(record).toMatchObject({
    shim: { pid: 10, startTime: '4242' },
    main: { pid: 11, startTime: '4242' },
    status: null,
  });
});

test('a line that is not complete counts as not written', () => {
  expect(parseRecord(`shim ${stat(10, 'sh')}\nexit 1`).status).toBeNull();
  expect(parseRecord('shim 10').shim).toBeNull();
  expect(parseRecord('')).toMatchObject({ shim: null, main: null, status: null });
});

test('where there is no /proc the number alone is noted', () => {
  expect(parseRecord('shim 10\nproc 11\n').main).toEqual({ pid: 11, startTime: null, image: null });
});

test('a code is a code, above 128 too', () => {
  expect(ending('exit 0\n')).toEqual({ exitCode: 0, signal: null });
  expect(ending('exit 143\n')).toEqual({ exitCode: 143, signal: null });
  expect(ending('exit 255\n')).toEqual({ exitCode: 255, signal: null });
  expect(ending('shim 1\n')).toBeNull();
});

test('a signal is one when the shell has said its name', () => {
  expect(ending('Terminated\nexit 143\n')).toEqual({ exitCode: null, signal: 'SIGTERM' });
  expect(ending('Segmentation fault (core dumped)\nexit 139\n')).toEqual({ exitCode: null, signal: 'SIGSEGV' });
  expect(ending('.shim: line 9: 26507 Killed   ( . "$d/launch" )\nexit 137\n')).toEqual({
    exitCode: null,
    signal: 'SIGKILL',
  });
});

test('a real-time signal is counted from the first', () => {
  expect(ending('Real-time signal 0\nexit 162\n')).toEqual({ exitCode: null, signal: 'SIGRTMIN' });
  expect(ending('Real-time signal 2\nexit 164\n')).toEqual({ exitCode: null, signal: 'SIGRTMIN+2' });
});

test('a signal that shells say nothing of is believed of a run that was asked to end by it', () => {
  expect(ending('exit 130\n')).toEqual({ exitCode: 130, signal: null });
  expect(ending('exit 130\n', 'SIGINT')).toEqual({ exitCode: null, signal: 'SIGINT' });
  expect(ending('exit 143\n', 'SIGTERM')).toEqual({ exitCode: 143, signal: null });
});

test('a step that failed is kept with what the shell said', () => {
  expect(parseRecord('shim 1\n.shim: 3: cd: no\nfailed directory\nexit 125\n')).toMatchObject({
    failed: 'directory',
    status: 125,
    words: ['.shim: 3: cd: no'],
  });
});

test('nobody is known by a number that means nobody, or everybody, to kill(2)', () => {
  for (const line of ['0', '1', stat(0, 'sh'), stat(1, 'init'), '-5', '00', '12345678901'])
    expect(parseRecord(`proc ${line}\n`).main).toBeNull();
});
