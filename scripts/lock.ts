// Reads package-lock.json the way npm's tree works: who is installed where, and which entry a name means from a place.

/** One entry of the lock's `packages`. */
export interface LockEntry {
  readonly name?: string;
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly workspaces?: readonly string[];
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The part of a lock file that the checks read. Keys are folders relative to the root; '' is the root itself. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** The name of the package installed in a folder of the lock. */
export const packageName = (folder: string): string => folder.replace(/^.*node_modules\//, '');

/** The folder that `name` means for a package lying in `folder`, or undefined when nothing is installed for it. */
export function resolveIn(lock: Lock, folder: string, name: string): string | undefined {
  const parts = folder === '' ? [] : folder.split('/');
  for (let length = parts.length; length >= 0; length -= 1) {
    const candidate = [...parts.slice(0, length), 'node_modules', name].join('/');
    if (candidate in lock.packages) return candidate;
  }
  return undefined;
}

/** Every folder that an installation of the published package brings along, the root left out. */
export function productionFolders(lock: Lock): string[] {
  const found = new Set<string>();
  const visit = (folder: string): void => {
    const entry = lock.packages[folder];
    for (const name of Object.keys({ ...entry?.dependencies, ...entry?.optionalDependencies })) {
      const target = resolveIn(lock, folder, name);
      if (target === undefined || found.has(target)) continue;
      found.add(target);
      visit(target);
    }
  };
  visit('');
  return [...found].toSorted();
}
