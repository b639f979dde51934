// Healthy while the names resolve and the registry answers.
import { Resolver } from 'node:dns/promises';
import { createServer } from 'node:http';

const [port, dns, registry] = process.argv.slice(2).map(Number);
const resolver = new Resolver({ timeout: 1000, tries: 1 });
resolver.setServers([`127.0.0.1:${dns}`]);

async function look() {
  const [address] = await resolver.resolve4('registry.platform.test');
  const { status } = await fetch(`http://${address}:${registry}/v2/`);
  return { registry: `${address}:${registry}`, status };
}

const server = createServer(async (request, response) => {
  try {
    const seen = await look();
    response.writeHead(seen.status === 200 ? 200 : 503).end(`${JSON.stringify(seen)}\n`);
  } catch (error) {
    console.error(`orchestrator: ${error.message}`);
    response.writeHead(503).end(`${JSON.stringify({ error: error.message })}\n`);
  }
});
server.listen(port, '127.0.0.1', () => console.log(`orchestrator: listening on ${port}`));
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
