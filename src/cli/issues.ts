/** Faults of a definition, shown with their source lines. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { renderIssues } from '../config/render.ts';
import type { Issue } from '../model/errors.ts';
import { paint } from './render/style.ts';
import type { Session } from './session.ts';

/** The lines of the issues, in file order. `limit`: the most that are shown in full. */
export function issueScreen(issues: readonly Issue[], session: Session, limit = 10): readonly string[] {
  const texts = new Map<string, string | null>();
  return renderIssues(issues, {
    textOf: (file) => {
      const known = texts.get(file) ?? textOf(file);
      texts.set(file, known);
      return known;
    },
    nameOf: (file) => nameOf(file, session.cwd),
    paint: (role, text) => paint(session.err.style, role, text),
    limit,
  }).split('\n');
}

// The files may have been read by the daemon; where they cannot be read here, places are shown without their lines.
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function nameOf(file: string, cwd: string): string {
  const path = file.startsWith('/') ? relative(cwd, file) : file;
  return path === '' || path.startsWith('..') ? file : path;
}
