import { expect, test } from 'vitest';
import { isLoopbackHost, listenText, parseListen } from '../../src/model/listen.ts';

test.for([
  ['127.0.0.1:7878', '127.0.0.1', 7878],
  ['0.0.0.0:0', '0.0.0.0', 0],
  ['[::1]:7878', '::1', 7878],
  ['[2001:DB8::1]:80', '2001:db8::1', 80],
  ['localhost:65535', 'localhost', 65_535],
  ['Rouse.Example.ORG:443', 'rouse.example.org', 443],
] as const)('"%s" is a listener, and is written as it was', ([text, host, port]) => {
  const read = parseListen(text);
  expect(read).toEqual({ host, port });
  expect(listenText({ host, port })).toBe(text.toLowerCase());
});

test.for([
  '',
  '7878',
  ':7878',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:65536',
  '127.0.0.1:-1',
  '127.0.0.1:80:80',
  '256.0.0.1:80',
  '127.1:80',
  '1.2.3.4.:80',
  '::1:7878',
  '[127.0.0.1]:80',
  '[]:80',
  'a b:80',
  'http://a:80',
  '-a:80',
  'a..b:80',
  '*:80',
  'unix:80\n',
])('"%s" is no listener', (text) => {
  expect(parseListen(text)).toBeNull();
});

test.for([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['127.0.0.1.example.org', false],
  ['localhost.example.org', false],
] as const)('%s is reached from this machine alone: %s', ([host, answer]) => {
  expect(isLoopbackHost(host)).toBe(answer);
});
