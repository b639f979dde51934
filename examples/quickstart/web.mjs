// Shows what the API says.
import { createServer } from 'node:http';

const [port, api] = process.argv.slice(2).map(Number);
const server = createServer(async (request, response) => {
  if (request.url === '/healthz') return response.end('ok');
  const answer = await fetch(`http://127.0.0.1:${api}/`).then((reply) => reply.json());
  console.log(`web: ${request.method} ${request.url}`);
  return response.end(`The API says: ${answer.greeting ?? answer.error}\n`);
});
server.listen(port, '127.0.0.1', () => console.log(`web: http://127.0.0.1:${port}`));
process.on('SIGTERM', () => {
  console.log('web: goodbye');
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
