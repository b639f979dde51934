/** The files of the demo: a definition, and the program that plays every service. */

/** Ports that nobody listens on. */
export interface DemoPorts {
  readonly cache: number;
  readonly db: number;
  readonly web: number;
}

/** The text of each file by its name. Node is the one that runs Rouse, wherever it lies. */
export function demoFiles(ports: DemoPorts): Readonly<Record<string, string>> {
  const node = JSON.stringify(process.execPath);
  return {
    'service.mjs': PROGRAM,
    'rouse.toml': `name = "demo"

[services.cache]
description = "answers at once"
command     = [${node}, "service.mjs", "cache", "${ports.cache}", "0"]
health      = "tcp://127.0.0.1:${ports.cache}"

[services.db]
description = "takes two seconds to come up"
command     = [${node}, "service.mjs", "db", "${ports.db}", "2000"]
health      = { http = "http://127.0.0.1:${ports.db}/healthz", start_interval = "250ms" }

[services.migrate]
description = "runs once, when db is ready"
type        = "task"
command     = [${node}, "service.mjs", "migrate"]
depends_on  = ["db"]

[services.web]
description = "needs cache and migrate"
command     = [${node}, "service.mjs", "web", "${ports.web}", "300"]
health      = "http://127.0.0.1:${ports.web}/healthz"
depends_on  = ["cache", "migrate"]
`,
  };
}

const PROGRAM = `import { createServer } from 'node:http';
const [name, port, delay] = process.argv.slice(2);
if (port === undefined) {
  console.log('3 tables made');
  process.exit(0);
}
let served = 0;
const server = createServer((request, response) => {
  if (request.url !== '/healthz') console.log(\`\${request.method} \${request.url}\`);
  response.end(\`\${name}: request \${(served += 1)}\\n\`);
});
console.log(\`\${name} is coming up\`);
setTimeout(() => server.listen(Number(port), '127.0.0.1', () => console.log(\`\${name} listens on \${port}\`)), Number(delay));
process.on('SIGTERM', () => {
  console.log(\`\${name} ends\`);
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
`;
