import { describe, expect, test } from 'vitest';
import { type Cron, isTimezone, nextAfter, parseCron } from '../../src/model/cron.ts';

function read(text: string): Cron {
  const cron = parseCron(text);
  if ('fault' in cron) throw new Error(cron.fault);
  return cron;
}

/** The next `count` due times in UTC after a moment, in a zone. */
function due(text: string, from: string, count = 1, timezone = 'UTC'): string[] {
  const cron = read(text);
  const found: string[] = [];
  let after = Date.parse(from);
  while (found.length < count) {
    const next = nextAfter(cron, timezone, after);
    if (next === null) break;
    found.push(new Date(next).toISOString().replace(':00.000Z', 'Z').replace('.000Z', 'Z'));
    after = next;
  }
  return found;
}

describe('a cron text', () => {
  test.for([
    ['* * * * *', ['2026-01-01T00:01Z', '2026-01-01T00:02Z']],
    ['*/20 * * * *', ['2026-01-01T00:20Z', '2026-01-01T00:40Z']],
    ['5,10-12/2 3 * * *', ['2026-01-01T03:05Z', '2026-01-01T03:10Z']],
    ['50/5 * * * *', ['2026-01-01T00:50Z', '2026-01-01T00:55Z']],
    ['0 4 * * mon-fri', ['2026-01-01T04:00Z', '2026-01-02T04:00Z']],
    ['0 4 * * 7', ['2026-01-04T04:00Z', '2026-01-11T04:00Z']],
    ['0 0 1 JAN,jul ?', ['2026-07-01T00:00Z', '2027-01-01T00:00Z']],
    ['*/15 * * * * *', ['2026-01-01T00:00:15Z', '2026-01-01T00:00:30Z']],
    ['0 0 29 2 *', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    ['@hourly', ['2026-01-01T01:00Z', '2026-01-01T02:00Z']],
    ['@daily', ['2026-01-02T00:00Z', '2026-01-03T00:00Z']],
    ['@weekly', ['2026-01-04T00:00Z', '2026-01-11T00:00Z']],
    ['@yearly', ['2027-01-01T00:00Z', '2028-01-01T00:00Z']],
  ] as const)('%s falls due at %o', ([text, times]) => {
    expect(due(text, '2026-01-01T00:00:00Z', 2)).toEqual(times);
  });

  test('with both days restricted falls due on either', () => {
    expect(due('0 0 13 * fri', '2026-01-01T00:00:00Z', 3)).toEqual([
      '2026-01-02T00:00Z',
      '2026-01-09T00:00Z',
      '2026-01-13T00:00Z',
    ]);
  });

  test('over a year without a 29th of February waits for the next that has one', () => {
    expect(due('0 0 29 2 *', '2096-03-01T00:00:00Z')).toEqual(['2104-02-29T00:00Z']);
  });

  test.for([
    ['', 'has 1 fields, not five or six'],
    ['* * * *', 'has 4 fields, not five or six'],
    ['60 * * * *', 'has "60" as its minute, which goes from 0 to 59'],
    ['* 24 * * *', 'has "24" as its hour, which goes from 0 to 23'],
    ['* * 0 * *', 'has "0" as its day of the month, which goes from 1 to 31'],
    ['* * * foo *', 'has "foo" as its month, which goes from 1 to 12'],
    ['*/0 * * * *', 'has "*/0" as its minute, which goes from 0 to 59'],
    ['9-5 * * * *', 'has "9-5" as its minute, which goes from 0 to 59'],
    ['* * * * L', 'has "l" as its day of the week, which goes from 0 to 7'],
    ['1--2 * * * *', 'has "1--2" as its minute'],
    ['0 0 30 2 *', 'names a day that never comes'],
    ['@often', 'is not one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly'],
  ] as const)('"%s" is refused: it %s', ([text, fault]) => {
    expect(parseCron(text)).toEqual({ fault });
  });
});

describe('a time zone', () => {
  test('is known by its name', () => {
    expect([isTimezone('Europe/Berlin'), isTimezone('Europe/Nowhere')]).toEqual([true, false]);
  });

  test('says when the day begins', () => {
    expect(due('@daily', '2026-01-01T12:00:00Z', 2, 'Asia/Kolkata')).toEqual([
      '2026-01-01T18:30Z',
      '2026-01-02T18:30Z',
    ]);
  });

  // Berlin goes from 02:00 to 03:00 on 29 March 2026 at 01:00 UTC, and from 03:00 to 02:00 on 25 October at 01:00 UTC.
  test('a fixed time that is skipped falls due right after the gap', () => {
    expect(due('30 2 * * *', '2026-03-28T12:00:00Z', 2, 'Europe/Berlin')).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-30T00:30Z',
    ]);
  });

  test('a fixed time that comes twice falls due at the first', () => {
    expect(due('30 2 * * *', '2026-10-24T12:00:00Z', 2, 'Europe/Berlin')).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ]);
  });

  test('a pace goes by elapsed time over both changes', () => {
    expect(due('*/30 * * * *', '2026-03-29T00:30:00Z', 3, 'Europe/Berlin')).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-29T01:30Z',
      '2026-03-29T02:00Z',
    ]);
    expect(due('*/30 * * * *', '2026-10-24T23:45:00Z', 5, 'Europe/Berlin')).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T00:30Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:30Z',
      '2026-10-25T02:00Z',
    ]);
  });
});
