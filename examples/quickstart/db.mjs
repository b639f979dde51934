// A database of one table: a line in is a greeting to keep, or `get` for one of them.
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

const port = Number(process.argv[2]);
const greetings = [];
const server = createServer((socket) => {
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.on('data', (text) => {
    const line = text.trim();
    if (line !== 'get') greetings.push(line);
    socket.end(`${line === 'get' ? (greetings[Math.floor(Math.random() * greetings.length)] ?? 'nothing') : 'kept'}\n`);
  });
});
console.log('db: reading its files');
await setTimeout(500);
server.listen(port, '127.0.0.1', () => console.log(`db: listening on ${port}`));
process.on('SIGTERM', () => {
  console.log('db: goodbye');
  server.close(() => process.exit(0));
});
