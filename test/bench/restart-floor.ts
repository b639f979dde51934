// A program that keeps one command running: it starts it again as soon as it is told of its end, and does nothing else.
// restart-floor.ts WITNESS: prints the process id of each run as a line and writes the time of its start into WITNESS.
import { spawn } from 'node:child_process';

const [, , witness = ''] = process.argv;

function start(): void {
  const child = spawn('sh', ['-c', `date +%s%N >>${witness}; exec sleep 1000`], { stdio: 'ignore', detached: true });
  process.stdout.write(`${child.pid}\n`);
  child.on('exit', start);
}

start();
