import { chmodSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EARLIER, LATER, ground, wish } from './given.ts';

const HOUR_MS = 3_600_000;
const refused = (code: string): unknown => expect.objectContaining({ code });

test('a credential is rse_ and 32 bytes, and is found again as the token it was made for', () => {
  using at = ground();
  using tokens = at.open();
  const { token, credential } = tokens.add(wish('ci', { role: 'operator', services: ['web', 'db-*'], logs: 'read' }));
  expect(credential).toMatch(/^rse_[A-Za-z0-9_-]{43}$/);
  expect(token).toEqual({
    id: expect.stringMatching(/^tok_[0-9a-z]{8}$/),
    name: 'ci',
    role: 'operator',
    services: ['web', 'db-*'],
    logs: 'read',
    createdAt: LATER,
    expiresAt: null,
    lastUsedAt: null,
  });
  expect(tokens.find(credential)).toEqual(token);
});

test('the file is for its owner alone and holds no credential', () => {
  using at = ground();
  using tokens = at.open();
  const { credential } = tokens.add(wish('ci'));
  const text = readFileSync(at.path, 'utf8');
  expect([statSync(at.path).mode & 0o777, text.includes(credential), text.includes(credential.slice(4))]).toEqual([
    0o600,
    false,
    false,
  ]);
});

test.for(['', 'rse_', 'rse_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'Bearer', 'x'.repeat(20_000)])(
  '"%s" is nobody’s credential',
  (credential) => {
    using at = ground();
    using tokens = at.open();
    tokens.add(wish('ci'));
    expect(tokens.find(credential)).toBe('unknown');
  },
);

test('a credential with one other letter, or in another case, is unknown', () => {
  using at = ground();
  using tokens = at.open();
  const { credential } = tokens.add(wish('ci'));
  const last = credential.endsWith('A') ? 'B' : 'A';
  expect([tokens.find(credential.slice(0, -1) + last), tokens.find(credential.toUpperCase())]).toEqual([
    'unknown',
    'unknown',
  ]);
});

test.for([LATER, EARLIER])('what another process adds or revokes counts at the next question (clock at %d)', (now) => {
  using at = ground(now);
  using daemon = at.open();
  using command = at.open();
  expect(daemon.find('rse_x')).toBe('unknown');
  const { credential } = command.add(wish('ci'));
  expect(daemon.find(credential)).toMatchObject({ name: 'ci' });
  command.revoke('ci');
  expect([daemon.find(credential), daemon.count]).toEqual(['unknown', 0]);
});

test('a token ends at its time, is told apart from an unknown one, and its name is free again', () => {
  using at = ground();
  using tokens = at.open();
  const { credential } = tokens.add(wish('ci', { expiresMs: HOUR_MS }));
  at.clock.advance(HOUR_MS - 1);
  expect([tokens.find(credential), tokens.count]).toMatchObject([{ name: 'ci' }, 1]);
  at.clock.advance(1);
  expect([tokens.find(credential), tokens.count, tokens.list().length]).toEqual(['expired', 0, 1]);
  tokens.add(wish('ci'));
  expect([tokens.list().length, tokens.count, tokens.find(credential)]).toEqual([1, 1, 'unknown']);
});

test('a name is given once among those that are valid', () => {
  using at = ground();
  using tokens = at.open();
  tokens.add(wish('ci'));
  expect(() => tokens.add(wish('ci'))).toThrow(refused('RSE4121'));
});

test.for(['', '.x', 'a b', 'tok_abcdefgh', 'x'.repeat(64), 'a\n', 'ä', '__proto__'])(
  '"%s" cannot be a name',
  (name) => {
    using at = ground();
    using tokens = at.open();
    expect(() => tokens.add(wish(name))).toThrow(refused('RSE4102'));
  },
);

test.for(['', 'Web', 'a/b', 'a,b', '../x', 'w?b', '-x'])('"%s" cannot be a glob', (glob) => {
  using at = ground();
  using tokens = at.open();
  expect(() => tokens.add(wish('ci', { services: [glob] }))).toThrow(refused('RSE4102'));
});

test('a token is revoked by name or id, and an unknown one is told with the nearest name', () => {
  using at = ground();
  using tokens = at.open();
  const { token } = tokens.add(wish('deploy'));
  tokens.add(wish('ci'));
  expect(() => tokens.revoke('deplyo')).toThrow(
    expect.objectContaining({ code: 'RSE4120', fields: { hint: 'did you mean "deploy"?' } }),
  );
  expect([tokens.revoke(token.id).name, tokens.revoke('ci').name, tokens.count]).toEqual(['deploy', 'ci', 0]);
});

test('when a token was used is known at once, and written a while later', () => {
  using at = ground();
  using daemon = at.open();
  using command = at.open();
  const { token } = daemon.add(wish('ci'));
  at.clock.advance(1000);
  daemon.used(token.id);
  expect([daemon.list()[0]?.lastUsedAt, command.list()[0]?.lastUsedAt]).toEqual([LATER + 1000, null]);
  at.clock.advance(30_000);
  expect(command.list()[0]?.lastUsedAt).toBe(LATER + 1000);
});

test('uses are not written over a token that another process has made or revoked meanwhile', () => {
  using at = ground();
  using daemon = at.open();
  using command = at.open();
  const { token } = daemon.add(wish('ci'));
  daemon.used(token.id);
  command.revoke('ci');
  command.add(wish('deploy'));
  at.clock.advance(30_000);
  expect(daemon.list().map(({ name }) => name)).toEqual(['deploy']);
});

test.for([
  ['nothing', ''],
  ['no JSON', '{"version":1,'],
  ['another version', '{"version":2,"tokens":[]}'],
  ['an unknown key', '{"version":1,"tokens":[],"more":1}'],
  ['no list', '{"version":1,"tokens":{}}'],
  ['a token of another shape', '{"version":1,"tokens":[{"id":"tok_aaaaaaaa"}]}'],
])('a file that holds %s lets nobody in, is told once, and is never written over', ([, text = '']) => {
  using at = ground();
  using tokens = at.open();
  const { credential } = tokens.add(wish('ci'));
  writeFileSync(at.path, text);
  expect([tokens.find(credential), tokens.find(credential), tokens.count]).toEqual(['unknown', 'unknown', 0]);
  expect(at.said).toEqual([expect.stringMatching(/^no token is valid: cannot use the tokens of ".*tokens\.json"/)]);
  expect(tokens.fault).not.toBeNull();
  for (const act of [() => tokens.add(wish('x')), () => tokens.revoke('ci'), () => tokens.list()])
    expect(act).toThrow(refused('RSE3008'));
  expect(readFileSync(at.path, 'utf8')).toBe(text);
});

test('a file whose token has a wrong value, a missing key or a repeated id lets nobody in', () => {
  using at = ground();
  using tokens = at.open();
  tokens.add(wish('ci', { role: 'operator' }));
  const whole = readFileSync(at.path, 'utf8');
  const [first = {}] = (JSON.parse(whole) as { tokens: object[] }).tokens;
  const pages = [
    [{ ...first, role: 'root' }],
    [{ ...first, sha256: 'ab' }],
    [{ ...first, created_at: '1' }],
    [{ ...first, services: 'web' }],
    [{ ...first, more: 1 }],
    [first, first],
  ];
  for (const page of pages) {
    writeFileSync(at.path, JSON.stringify({ version: 1, tokens: page }));
    expect(tokens.count).toBe(0);
  }
  writeFileSync(at.path, whole);
  expect([tokens.count, tokens.fault]).toEqual([1, null]);
});

test('a file that is open to others, or a link, lets nobody in', () => {
  using at = ground();
  using tokens = at.open();
  const { credential } = tokens.add(wish('ci'));
  chmodSync(at.path, 0o640);
  expect(tokens.find(credential)).toBe('unknown');
  chmodSync(at.path, 0o600);
  expect(tokens.find(credential)).toMatchObject({ name: 'ci' });
  renameSync(at.path, join(at.folder, 'elsewhere.json'));
  symlinkSync('elsewhere.json', at.path);
  expect(tokens.find(credential)).toBe('unknown');
  expect(() => tokens.add(wish('x'))).toThrow(refused('RSE3008'));
});

test('what a writer that died left aside is not in the way', () => {
  using at = ground();
  using tokens = at.open();
  symlinkSync('/etc/hostname', `${at.path}.new`);
  tokens.add(wish('ci'));
  expect(tokens.count).toBe(1);
});

test('a folder that is not there is told when a token is made, and holds none', () => {
  using at = ground();
  const [lost] = [at.open()].map((tokens) => tokens);
  expect(lost?.count).toBe(0);
  at[Symbol.dispose]();
  expect(() => lost?.add(wish('ci'))).toThrow(refused('RSE3008'));
});

test('there are at most 1,000 tokens', () => {
  using at = ground();
  using tokens = at.open();
  tokens.add(wish('first'));
  const whole = JSON.parse(readFileSync(at.path, 'utf8')) as { tokens: object[] };
  const [first] = whole.tokens;
  const many = Array.from({ length: 1000 }, (_, at) => ({
    ...first,
    name: `n${at}`,
    id: `tok_${String(at).padStart(8, '0')}`,
  }));
  writeFileSync(at.path, JSON.stringify({ version: 1, tokens: many }));
  expect(tokens.count).toBe(1000);
  expect(() => tokens.add(wish('more'))).toThrow(refused('RSE4102'));
});
