/** What a project is called. */
import { basename } from 'node:path';
import { NAME_PATTERN } from '../contract/definition-values.ts';

/**
 * The name of a project whose file gives none: the file's base name unless that begins with `rouse` or `config`, else
 * the folder's; made to fit. `file` null: there is no file (standard input, a program).
 */
export function usualName(file: string | null, directory: string): string {
  const stem = file === null ? '' : basename(file).replace(/\.[^.]*$/, '');
  const own = /^(?:rouse|config)/.test(stem) ? '' : slug(stem);
  return own === '' ? slug(basename(directory)) || 'project' : own;
}

/** Lower-case letters, digits and `-._`, beginning with a letter, at most 63 characters; empty when nothing is left. */
export function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63)
    .replace(/[-._]+$/, '');
}

/** Whether a name can be a project's: it becomes a folder's. */
export const isProjectName = (name: string): boolean => NAME_PATTERN.test(name) && !name.includes('..');
