// Loaded into a daemon before anything else: counts what it is about to do to its project's files, to processes and to
// its store, and kills it with SIGKILL right before a chosen one. Without a choice it writes down what it counted.
// CRASH_ROOT: the project's folder. CRASH_AT: number of the act, from 1. CRASH_LIST: file for the names of the acts.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';

const root = process.env['CRASH_ROOT'] ?? '/';
const at = Number(process.env['CRASH_AT'] ?? 0);
const list = process.env['CRASH_LIST'];
const { appendFileSync } = fs;
let count = 0;

function act(name) {
  count += 1;
  if (list !== undefined) appendFileSync(list, `${name}\n`);
  if (count === at) process.kill(process.pid, 'SIGKILL');
}

const isOurs = (path) => typeof path === 'string' && path.startsWith(root) && path !== list;
const MUTATIONS = ['writeFileSync', 'mkdirSync', 'rmSync', 'rmdirSync', 'unlinkSync', 'renameSync', 'appendFileSync'];

for (const name of MUTATIONS) {
  const real = fs[name];
  fs[name] = (path, ...rest) => {
    if (isOurs(path)) act(`${name} ${basename(path)}`);
    return real(path, ...rest);
  };
}
const { openSync, writeSync } = fs;
fs.openSync = (path, flags, ...rest) => {
  if (isOurs(path) && flags !== 'r' && flags !== fs.constants.O_RDONLY) act(`openSync ${basename(path)}`);
  return openSync(path, flags, ...rest);
};
fs.writeSync = (fd, ...rest) => {
  if (fd > 2) act('writeSync');
  return writeSync(fd, ...rest);
};
const { spawn } = childProcess;
childProcess.spawn = (...args) => {
  act(`spawn ${basename(String(args[0]))}`);
  return spawn(...args);
};
const { kill } = process;
process.kill = (pid, signal) => {
  if (signal !== 0 && pid !== process.pid) act(`kill ${signal}`);
  return kill.call(process, pid, signal);
};
const actOnSql = (sql) => {
  if (/^\s*(BEGIN|COMMIT)/i.test(sql)) act(sql.trim().split(/\s+/)[0].toLowerCase());
};
const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  actOnSql(sql);
  return exec.call(this, sql);
};
// The store's own transactions are prepared statements.
const { run } = StatementSync.prototype;
StatementSync.prototype.run = function (...values) {
  actOnSql(this.sourceSQL);
  return run.apply(this, values);
};
syncBuiltinESMExports();
