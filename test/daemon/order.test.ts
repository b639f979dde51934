import { expect, test } from 'vitest';
import { type DaemonOrder, orderText, readOrder } from '../../src/daemon/order.ts';

const ORDER: DaemonOrder = {
  project: 'shop',
  directory: '/p',
  files: ['/p/rouse.toml'],
  overlays: [],
  variables: { PORT: '1' },
  stdin: null,
  naming: 'found',
  startedBy: 'up',
  folders: { runtime: '/run/rouse', state: '/var/lib/rouse' },
};

test('an order that is written down is read as it was', () => {
  expect(readOrder(orderText(ORDER))).toEqual(ORDER);
});

test.for([
  '',
  'null',
  '{}',
  JSON.stringify({ ...ORDER, files: 'x' }),
  JSON.stringify({ ...ORDER, startedBy: 'me' }),
  JSON.stringify({ ...ORDER, folders: {} }),
  JSON.stringify({ ...ORDER, variables: { PORT: 1 } }),
])('the text %j is no order', (text) => {
  expect(() => readOrder(text)).toThrow(expect.objectContaining({ code: 'RSE3003' }));
});
