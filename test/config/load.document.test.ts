import { describe, expect, test } from 'vitest';
import { toDocument, unmasked } from '../../src/contract/document.ts';
import type { Spec } from '../../src/model/spec.ts';
import { document, load } from './given.ts';

const DEFINITION = `
name = "shop"
[orchestrator.services]
auto_start_dependencies = false
nu_path = "/opt/nu"
[services.plain]
command = "echo 'a b' $$HOME $\${X} \${V}"
[services.shell]
shell = true
command = "echo $HOME | cat"
stop = { command = "kill %1", timeout = "1m30s", scope = "main", signal = "INT" }
[services.script]
command = "./run.nu --now"
ready = { fd = 4 }
[services.task]
type = "task"
command = ["a", "b c"]
depends_on = { plain = { when = "started", optional = true, on_loss = "stop" } }
start_timeout = "5m"
[services.managed]
start_command = "systemctl start x"
stop_command = "systemctl stop x"
status_command = "systemctl is-active x"
[services.guide]
start_command = "systemctl start y"
health_check_endpoint = "http://localhost:53/health"
[services.outside]
external = true
health = { dns = { name = "a.test", server = "127.0.0.1:5353", record = "SRV" }, interval = "7s" }
[services.web]
description = "The web"
command = "node x"
env = { A = "1", NODE_OPTIONS = "--x", D = "$\${Y}" }
allow_loader_env = ["NODE_OPTIONS"]
inherit_env = ["TZ"]
cwd = "web"
umask = "027"
health = { http = "http://localhost:3000/h", method = "HEAD", headers = { a = "b" }, status = [204, "300-301"], redirects = "follow", retries = 5, successes = 2, grace = "3s", start_interval = "50ms", timeout = "1500ms", on_failure = "stop" }
ready = { log = "^up \\\\d+$" }
restart = { policy = "always", delay = "1s", factor = 1.5, max_delay = "1m", jitter = 0, reset_after = "10s", max = 3, within = "1m", at_limit = "slow" }
success_codes = [0, 143]
no_restart_codes = [78]
autostart = false
labels = { team = "shop", origin = "here" }
logs = { keep = "1MiB", format = "json" }
url = "http://shop.test/"
[services.tcp]
command = "x"
health = { tcp = "localhost:1", on_failure = "none" }
[services.exec]
command = "x"
health = { exec = "pg_isready -p 1" }
ready = { exec = ["a", "b c"] }
[services.file]
command = "x"
health = { file = "run/ready" }
settle = "5s"
[services.name]
command = "x"
health = { process = "nginx" }
[services.lives]
command = "x"
settle = "2500ms"
health = { log = "up" }
[services.pair]
command = "x --port $\{replica.port:3000}"
replicas = 2
after = ["lives"]
conflicts = ["shell"]
profiles = ["debug"]
ready = "notify"
watchdog = "30s"
restart_codes = [75]
stop = { drain = "5s" }
limits = { memory = "256MiB", cpus = 0.5, processes = 64 }
hooks = { before_start = "./prepare 'a b'", after_stop = { command = ["rm", "-f", "x"], timeout = "5s" } }
watch = { paths = ["dist/**"], ignore = "**/*.map", debounce = "1s", action = "HUP", cascade = true }
[services.user]
command = "x"
depends_on = ["pair"]
ready = { notify = "all", interval = "1s" }
[services.nightly]
type = "task"
command = "x"
schedule = { cron = "30 3 * * *", timezone = "Europe/Berlin", overlap = "queue", catch_up = "once" }
`;

const meaning = ({ origin: _, ...spec }: Spec): unknown =>
  JSON.parse(
    JSON.stringify(spec, (key, value: unknown) =>
      key === 'source' || key === 'origin' ? undefined : value === Infinity ? 'Infinity' : value,
    ),
  );

describe('a definition that was written down again', () => {
  test('means the same, to its hash, once its masks stand for their values again', async () => {
    const { definition } = await load({ 'rouse.toml': DEFINITION }, { environment: { V: 'x y' } });
    const again = document(unmasked(toDocument(definition), definition), {
      directory: definition.directory,
    }).definition;
    expect(again.services.map(meaning)).toEqual(definition.services.map(meaning));
    expect(again.services.map(({ hash }) => hash)).toEqual(definition.services.map(({ hash }) => hash));
    expect(again.hash).toBe(definition.hash);
  });
});
