/**
 * The order that a project's daemon was started with, kept in its state folder (`daemon.json`, for its owner alone): so
 * another daemon can be started in place of one that is gone, from any folder and with nothing said again.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectPaths } from '../model/paths.ts';
import type { DaemonDefinitions } from './definitions.ts';
import { type DaemonOrder, orderText, readOrder } from './order.ts';

/** Notes the order in place of an earlier one, whole or not at all. Throws what the file system says. */
export function rememberOrder(paths: Pick<ProjectPaths, 'state'>, order: DaemonOrder): void {
  const path = pathIn(paths);
  // It names the variables that the files use, which may be secrets.
  writeFileSync(`${path}.new`, orderText(order), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The last order of the project; null when it never had a daemon here, or its note cannot be read. */
export function recallOrder(paths: Pick<ProjectPaths, 'state'>): DaemonOrder | null {
  try {
    return readOrder(readFileSync(pathIn(paths), 'utf8'));
  } catch {
    // Never written, or by a version that knew less: then whoever starts a daemon says what it is to read.
    return null;
  }
}

/** Definitions that note, once they hold the project, what they were read from last. */
export interface RememberedDefinitions extends DaemonDefinitions {
  /** Notes the order now: the daemon holds the project. */
  remember(): void;
  /** Notes whether files are watched. */
  watched(mode: 'on' | 'off'): void;
}

/** Definitions that are remembered for the next daemon. `say` hears that it could not be noted. */
export function remembering(
  definitions: DaemonDefinitions,
  order: DaemonOrder,
  to: { readonly paths: Pick<ProjectPaths, 'state'>; readonly say: (line: string) => void },
): RememberedDefinitions {
  const note = (noted: DaemonOrder): void => {
    try {
      rememberOrder(to.paths, noted);
    } catch (cause) {
      to.say(`cannot note what this daemon reads: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  };
  let last = order;
  // What the files say is in force again, in place of a document.
  const readFiles = (): void => {
    if (last.document === undefined) return;
    last = withoutDocument(last);
    note(last);
  };
  return {
    ...definitions,
    remember: () => note(last),
    watched: (watch) => {
      last = { ...last, watch };
      note(last);
    },
    accepted: (document) => {
      last = { ...last, document };
      note(last);
    },
    again: async () => {
      const definition = await definitions.again();
      readFiles();
      return definition;
    },
    scale: async (service, count) => {
      const { definition, keep } = await definitions.scale(service, count);
      const keepIt = (): void => {
        keep();
        readFiles();
      };
      return { definition, keep: keepIt };
    },
    load: async (wanted) => {
      const definition = await definitions.load(wanted);
      const { files, overlays = [], variables = {}, profiles = last.profiles } = wanted;
      const more = profiles === undefined ? {} : { profiles };
      last = { ...withoutDocument(last), files, overlays, variables: { ...order.variables, ...variables }, ...more };
      note(last);
      return definition;
    },
  };
}

function withoutDocument(order: DaemonOrder): DaemonOrder {
  const { document: _, ...rest } = order;
  return rest;
}

const pathIn = ({ state }: Pick<ProjectPaths, 'state'>): string => join(state, 'daemon.json');
