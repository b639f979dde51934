import { expect, test } from 'vitest';
import { OUTPUT_NAMES, isOutputName, outputSchema } from '../../src/contract/output.ts';

test('every output has a schema that forbids no key to come', () => {
  expect(OUTPUT_NAMES).toEqual(expect.arrayContaining(['ps', 'plan', 'explain', 'changes', 'daemon-status']));
  for (const name of OUTPUT_NAMES) {
    const schema = outputSchema(name);
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(JSON.stringify(schema)).not.toContain('"additionalProperties":false');
  }
});

test('the schema of ps is a list of services whose keys are all required', () => {
  const schema = outputSchema('ps') as {
    items: { $ref: string };
    $defs: Record<string, { required: string[]; properties: object }>;
  };
  expect(schema.items).toEqual({ $ref: '#/$defs/Service' });
  const service = schema.$defs['Service'];
  expect(service?.required.toSorted()).toEqual(Object.keys(service?.properties ?? {}).toSorted());
  expect(service?.required).toEqual(
    expect.arrayContaining([
      'name',
      'kind',
      'status',
      'phase',
      'ready',
      'health',
      'reason',
      'waiting_for',
      'restarts',
      'exit_code',
      'pid',
      'uptime_ms',
      'depends_on',
    ]),
  );
});

test('a word that is no output is told apart', () => {
  expect([isOutputName('ps'), isOutputName('nope'), isOutputName('constructor')]).toEqual([true, false, false]);
});
