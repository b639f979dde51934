/**
 * The asked side of the probe bench: answers every connection from this machine with 200 and closes. Prints its port.
 * It listens on every address because 10,000 loopback addresses are asked, and answers nobody else.
 */
import { createServer } from 'node:net';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  if (socket.remoteAddress?.startsWith('127.') !== true) {
    socket.destroy();
    return;
  }
  socket.once('data', () => socket.end(ANSWER));
});
server.listen({ host: '0.0.0.0', port: 0, backlog: 1024 }, () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`${address.port}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));
