import { describe, expect, test } from 'vitest';
import { Registry } from '../../src/library/registry.ts';
import { DefinitionError } from '../../src/model/errors.ts';

const empty = (): Registry =>
  new Registry({
    directory: '/srv/platform',
    environment: {},
    nuPath: null,
    provisioningPath: '/opt/provisioning',
    autoStartDependencies: false,
    managerEnabled: true,
  });

function given(graph: Readonly<Record<string, readonly string[]>>): Registry {
  const registry = empty();
  for (const [name, dependencies] of Object.entries(graph)) registry.add({ name, dependencies, startCommand: 'true' });
  return registry;
}

const usable = (registry: Registry): readonly string[] => registry.definition().services.map(({ name }) => name);

describe('registering', () => {
  test('the fields of the guide in both spellings are one definition', () => {
    const [camel, snake] = [empty(), empty()];
    camel.add({ name: 'a', startCommand: 'x', stopCommand: 'y', healthCheckEndpoint: 'http://localhost:1/' });
    snake.add({ name: 'a', start_command: 'x', stop_command: 'y', health_check_endpoint: 'http://localhost:1/' });
    expect(camel.definition().hash).toBe(snake.definition().hash);
  });

  test('the settings of the guide reach the definition', () => {
    const registry = given({ a: [] });
    expect(registry.definition().settings).toMatchObject({
      orchestration: 'enabled',
      dependencyStart: 'refused',
      provisioningPath: '/opt/provisioning',
    });
  });

  test('a service registered again takes the place of the first', () => {
    const registry = given({ a: [], b: [] });
    registry.add({ name: 'a', startCommand: 'other' });
    expect(usable(registry)).toEqual(['a', 'b']);
    expect(registry.specs[0]?.execution).toMatchObject({ start: { argv: ['other'] } });
  });

  test('faults of its own words are told at once', () => {
    expect(() => empty().add({ name: 'No Name', startCommand: 'true' })).toThrow(DefinitionError);
    expect(() => empty().add({ name: 'a' })).toThrow(DefinitionError);
  });
});

describe('what can be used', () => {
  test('a service is left out with everybody who needs it, and nobody else', () => {
    expect(usable(given({ a: ['gone'], b: ['a'], c: ['b'], d: [], e: ['d'] }))).toEqual(['d', 'e']);
    expect(usable(given({ a: ['c'], b: ['a'], c: ['b'], d: ['a'], e: [] }))).toEqual(['e']);
    expect(usable(given({ a: ['a'], b: [] }))).toEqual(['b']);
  });

  test('a demand is refused for what the targets reach, and for nothing else', () => {
    const registry = given({ a: ['gone'], b: ['a'], c: ['d'], d: ['c'], e: [] });
    expect(() => registry.demand(['e'])).not.toThrow();
    expect(() => registry.demand(['b'])).toThrow(
      expect.objectContaining({ code: 'RSE1203', fields: expect.objectContaining({ services: ['a', 'gone'] }) }),
    );
    expect(() => registry.demand(['d'])).toThrow(
      expect.objectContaining({ code: 'RSE1201', fields: expect.objectContaining({ services: ['c', 'd'] }) }),
    );
    expect(() => registry.demand(['e', 'b', 'd'])).toThrow(expect.objectContaining({ code: 'RSE1400' }));
  });
});
