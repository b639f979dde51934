// Puts three greetings into the database and ends.
import { connect } from 'node:net';
import { once } from 'node:events';

const port = Number(process.argv[2]);
for (const greeting of ['good morning', 'wakey wakey', 'rise and shine']) {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${greeting}\n`);
  const [answer] = await once(socket, 'data');
  console.log(`migrate: "${greeting}" ${String(answer).trim()}`);
}
