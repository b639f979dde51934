// Loaded into a daemon before anything else: no control group may be written, so that trees are held by session.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { accessSync } = fs;
fs.accessSync = (path, mode) => {
  if (typeof path === 'string' && path.startsWith('/sys/fs/cgroup'))
    throw Object.assign(new Error(`EACCES: permission denied, access '${path}'`), { code: 'EACCES' });
  return accessSync(path, mode);
};
syncBuiltinESMExports();
