// Answers with a greeting from the database.
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';

const [port, db] = process.argv.slice(2).map(Number);

async function greeting() {
  const socket = connect(db, '127.0.0.1');
  socket.write('get\n');
  const [answer] = await once(socket, 'data');
  return String(answer).trim();
}

const server = createServer(async (request, response) => {
  if (request.url === '/healthz') return response.end('ok');
  try {
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ greeting: await greeting() }));
  } catch (error) {
    console.error(`api: ${error.message}`);
    return response.writeHead(502).end(JSON.stringify({ error: 'the database does not answer' }));
  }
});
server.listen(port, '127.0.0.1', () => console.log(`api: listening on ${port}`));
process.on('SIGTERM', () => {
  console.log('api: goodbye');
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
