/** Which project is meant, found without loading the definition where that can be done safely. */
import { accessSync, constants, existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { type Folders, type ProjectPaths, foldersOf, pathsOf } from '../model/paths.ts';
import { definitionFiles, loadHere } from './definition.ts';
import { onlyHere } from './only-here.ts';
import type { Session } from './session.ts';

/** A project by name, with the places of its files. */
export interface Project {
  readonly name: string;
  readonly paths: ProjectPaths;
  readonly folders: Folders;
  /** `elsewhere`: its daemon was reached by an address, and what lies at these places is not its. */
  readonly reach: 'here' | 'elsewhere';
}

/** The project that is meant: `--project`, else the one of the definition. Errors: RSE0101, RSE0102, RSE3005; DefinitionError. */
export async function projectOf(session: Session): Promise<Project> {
  onlyHere(session, 'find the project');
  return placed(session, session.flags.project ?? (await nameFrom(session)));
}

/** The project of that name. Errors: RSE3005. */
export function placed({ env }: Session, name: string): Project {
  const folders = foldersOf({ env, uid: process.getuid?.() ?? 0, home: homedir() });
  const paths = pathsOf(folders, name);
  return { name, folders, paths: { ...paths, socket: ownSocket(paths) }, reach: 'here' };
}

// Who may not open the socket of the daemon's user may be of a group that has one of its own.
function ownSocket({ socket, operateSocket, viewSocket }: ProjectPaths): string {
  if (!existsSync(socket) || isOpen(socket)) return socket;
  return [operateSocket, viewSocket].find(isOpen) ?? socket;
}

function isOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    // Not there, or not ours to open.
    return false;
  }
}

/** Names of projects that have a socket, in alphabetical order. */
export function knownProjects({ runtime }: Folders): readonly string[] {
  try {
    return readdirSync(runtime)
      .filter((name) => existsSync(join(runtime, name, 'admin.sock')))
      .toSorted();
  } catch {
    // No folder: nothing has ever run here.
    return [];
  }
}

/**
 * The name by a look at the text. What is not plain (an include, an overlay, a script, a name that is put together) is
 * loaded as a whole, which takes some tens of milliseconds longer and gives the same name.
 */
async function nameFrom(session: Session): Promise<string> {
  const files = definitionFiles(session);
  const [file = '-'] = files;
  const isPlain = files.length === 1 && file !== '-' && session.flags.overlays.length === 0 && !hasLocal(file);
  const name = isPlain ? plainName(file) : null;
  return name ?? (await loadHere(session, [])).definition.name;
}

const hasLocal = (file: string): boolean => {
  const stem = basename(file).replace(/(?:\.config)?\.[^.]*$/, '');
  return ['toml', 'yaml', 'yml', 'json', 'jsonc'].some((ending) =>
    existsSync(join(dirname(file), `${stem}.local.${ending}`)),
  );
};

const SIMPLE = /^[a-z][a-z0-9_-]{0,62}$/;

/** The name of a plain file; null when only loading can tell. */
function plainName(file: string): string | null {
  const text = textOf(file);
  const written = text === null ? null : writtenName(text, extname(file));
  if (written === null) return null;
  if (written !== '') return SIMPLE.test(written) ? written : null;
  const stem = basename(file).replace(/\.[^.]*$/, '');
  const usual = /^(?:rouse|config)/.test(stem) ? basename(dirname(file)) : stem;
  return SIMPLE.test(usual) ? usual : null;
}

// A file that cannot be read is for the loader to report.
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** What the file says its name is; empty when it says nothing, null when that is not certain. */
export function writtenName(text: string, ending: string): string | null {
  switch (ending) {
    case '.toml': {
      const head = text.split(/^[ \t]*\[/m, 1)[0] ?? '';
      if (/include|"""|'''|["']name["']/.test(head)) return null;
      const line = /^[ \t]*name[ \t]*=(.*)$/m.exec(head);
      return line === null ? '' : (/^[ \t]*(["'])([^"'\\$]*)\1[ \t]*(?:#.*)?\r?$/.exec(line[1] ?? '')?.[2] ?? null);
    }
    case '.yaml':
    case '.yml': {
      if (/^(?:include|["']name["']|\{|---|%|<<)/m.test(text)) return null;
      const line = /^name[ \t]*:(.*)$/m.exec(text);
      return line === null
        ? ''
        : (/^[ \t]+(["']?)([A-Za-z0-9._-]+)\1[ \t]*(?:#.*)?\r?$/.exec(line[1] ?? '')?.[2] ?? null);
    }
    case '.json':
      return jsonName(text);
    default:
      return null;
  }
}

function jsonName(text: string): string | null {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document !== 'object' || document === null || 'include' in document) return null;
    if (!('name' in document)) return '';
    return typeof document.name === 'string' && !document.name.includes('$') ? document.name : null;
  } catch {
    // Not JSON, or not only: the loader says what is wrong.
    return null;
  }
}
