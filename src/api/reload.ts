/** Reloading the definition's files, and how many there are to be of a service. */
import { z } from 'zod';
import { toApiChange } from '../contract/api-change.ts';
import { type ApiDifference, type ApiReload, apiReload, reloadOrder, scaleOrder } from '../contract/api-reload.ts';
import { fieldChanges } from '../contract/document-diff.ts';
import { envelope } from '../contract/envelope.ts';
import type { Definition } from '../model/spec.ts';
import { changedRules } from '../model/policy.ts';
import { reaches } from '../model/token.ts';
import type { Difference } from '../supervisor/port.ts';
import { answer, refusals } from './answers.ts';
import { checkOwner, checkProject } from './definition.ts';
import { flagQuery, serviceParams } from './parameters.ts';
import { outOfReach } from './reach.ts';
import { type Reply, ok } from './reply.ts';
import { type Call, type Route, route } from './route.ts';

const answers = {
  200: answer('What it did, or would do', envelope(apiReload)),
  ...refusals(404, 409, 422, 429, 503),
};

/** The routes of reloading. */
export const reloadRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/definition/reload',
    role: 'admin',
    action: 'definition.reload',
    takes: 'definitions',
    tag: 'definition',
    summary: 'Read the files again, use what they say, and restart what is outdated',
    query: z.strictObject({ dry_run: flagQuery.optional() }),
    body: { schema: reloadOrder, need: 'required' },
    answers,
    run: async (call) => {
      const { parts, body, query } = call;
      const { restart = 'outdated', ...order } = body;
      checkOwner(parts, order.files);
      if (query.dry_run === 'true') return looked(call, await parts.definitions.look(order));
      return applied(call, await parts.definitions.load(order), restart);
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/services/{name}/scale',
    role: 'operator',
    globs: 'kept',
    action: 'service.scale',
    tag: 'services',
    summary: 'How many replicas there are to be of a service',
    params: serviceParams,
    body: { schema: scaleOrder, need: 'required' },
    answers,
    run: async (call) => {
      const { parts, body, params, caller } = call;
      const { replicas, dry_run = false } = body;
      if (!reaches(caller.services, params.name)) throw outOfReach(params.name);
      const scaled = await parts.definitions.scale(params.name, replicas);
      if (dry_run) return looked(call, scaled.definition);
      const reply = applied(call, scaled.definition, 'outdated');
      scaled.keep();
      return reply;
    },
  }),
];

function looked({ parts }: Call, definition: Definition): Reply {
  checkProject(parts.supervisor.definition(), definition);
  const { supervisor } = parts;
  const rules = changedRules(supervisor.definition().policy, definition.policy);
  return ok(toApiReload(definition, { differences: supervisor.differences(definition), rules }));
}

function applied({ parts, actor }: Call, definition: Definition, restart: 'outdated' | 'none'): Reply {
  const { supervisor } = parts;
  checkProject(supervisor.definition(), definition);
  const differences = supervisor.differences(definition);
  const rules = changedRules(supervisor.definition().policy, definition.policy);
  const { changes } = supervisor.reload(definition, actor, restart);
  return ok({
    ...toApiReload(definition, { differences, rules }),
    changes: changes.map((change) => toApiChange(change)),
  });
}

interface Compared {
  readonly differences: readonly Difference[];
  readonly rules: readonly string[];
}

function toApiReload(definition: Definition, { differences, rules }: Compared): ApiReload {
  return { hash: definition.hash, services: differences.map(toApiDifference), changes: [], rules };
}

function toApiDifference({ name, action, before, after, runs, starts }: Difference): ApiDifference {
  const both = before !== null && after !== null && action !== 'none';
  return {
    name,
    action,
    runs: runs === 'yes',
    starts: starts === 'yes',
    fields: both ? fieldChanges(before, after) : [],
  };
}
