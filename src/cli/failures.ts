/** What is known of the services that made an operation fail. */
import type { Client } from '../client/client.ts';
import type { ApiChange } from '../contract/api-change.ts';
import type { ApiService } from '../contract/api-service.ts';
import type { Failure } from './render/outcome.ts';

const LAST_LINES = 10;
const MOST = 10;

/** The services at the root of the failed tasks, in the order of the tasks, at most ten, with what explains them. */
export async function failuresOf(
  client: Client,
  { change, all }: { readonly change: ApiChange; readonly all: readonly ApiService[] },
): Promise<readonly Failure[]> {
  const failed = change.tasks.filter(({ state }) => state === 'failed');
  const roots = [...new Set(failed.map(({ service, root }) => root ?? service))].slice(0, MOST);
  const running = all.filter(({ state }) => state === 'ready' || state === 'unhealthy').map(({ name }) => name);
  const found = roots.map((name) => all.find((service) => service.name === name)).filter((each) => each !== undefined);
  return Promise.all(
    found.map(async (service) => ({
      service,
      explanation: await orNull(client.services.explain(service.name)),
      lastLines: await lastLines(client, service),
      blocked: failed
        .filter(({ service: name, root }) => root === service.name && name !== root)
        .map(({ service: name }) => name),
      running: running.filter((name) => name !== service.name),
    })),
  );
}

// What an earlier run said explains nothing of one that never began.
async function lastLines(client: Client, { name, run: number }: ApiService): Promise<readonly string[]> {
  const lines = await orNull(client.logs.page({ services: [name], tail: LAST_LINES, runs: 'last' }));
  return (lines ?? []).filter(({ run }) => run === number).map(({ text }) => text);
}

// What explains a failure is an extra: when it cannot be had, the failure itself is still worth showing.
async function orNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch {
    return null;
  }
}
