import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lookAround } from '../../src/cli/here.ts';

const folderWith = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'rh-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

test('a Procfile has a service a line', async () => {
  const folder = folderWith({ Procfile: 'web: node server.js\nworker_1:  npm run work\n# remark\n' });
  expect(await lookAround(folder)).toEqual([
    {
      file: 'Procfile',
      services: [
        { name: 'web', command: 'node server.js', dependsOn: [], health: null, note: null },
        { name: 'worker_1', command: 'npm run work', dependsOn: [], health: null, note: null },
      ],
    },
  ]);
});

test('of the scripts of package.json only those that last become services, and dev comes before start', async () => {
  const scripts = { dev: 'vite', start: 'node a', build: 'tsc', worker: 'node w' };
  const [found] = await lookAround(folderWith({ 'package.json': JSON.stringify({ scripts }) }));
  expect(found?.services.map(({ name, command }) => [name, command])).toEqual([
    ['dev', 'npm run dev'],
    ['worker', 'npm run worker'],
  ]);
});

test('a Compose file gives names, needs and ports; an image is to be replaced by hand', async () => {
  const compose =
    'services:\n  db:\n    image: postgres:17\n    ports: ["127.0.0.1:5433:5432/tcp"]\n  api:\n    build: .\n    command: node api.js\n    depends_on: { db: { condition: service_healthy } }\n';
  const [found] = await lookAround(folderWith({ 'compose.yaml': compose }));
  expect(found?.services).toEqual([
    { name: 'db', command: null, dependsOn: [], health: 'tcp://localhost:5433', note: 'it was the image postgres:17' },
    { name: 'api', command: 'node api.js', dependsOn: ['db'], health: null, note: null },
  ]);
});

test('files of other tools that are broken are as if they were not there', async () => {
  expect(await lookAround(folderWith({ 'package.json': '{', 'compose.yaml': '\tx' }))).toEqual([]);
});
