import { expect, test } from 'vitest';
import { wishOf } from '../../src/cli/scale.ts';

test('how many there are to be stands behind the name', () => {
  expect(wishOf('web=3')).toEqual({ service: 'web', replicas: 3 });
  expect(wishOf('web=default')).toEqual({ service: 'web', replicas: null });
});

test.for(['web', 'web=', '=3', 'web=x', 'web=0', 'web=101'])('"%s" is refused', (word) => {
  expect(() => wishOf(word)).toThrow(expect.objectContaining({ code: 'RSE0107' }));
});
