/** Every kind of probe there is: the one table to add to. */
import type { Clock } from '../ports/clock.ts';
import type { LogStore } from '../ports/log-store.ts';
import type { Notices } from '../ports/notices.ts';
import { ANYWHERE, type ReachOf, addressResolver } from './address.ts';
import { beatKind } from './beat.ts';
import { dnsKind } from './dns.ts';
import { type Invoke, execKind } from './exec.ts';
import { fdKind } from './fd.ts';
import { fileKind } from './file.ts';
import { nodeClient } from './http-node.ts';
import { rawClient } from './http-raw.ts';
import { httpKind } from './http.ts';
import type { ProbeKinds } from './kind.ts';
import { machineSlept } from './lateness.ts';
import { logLineKind } from './log-line.ts';
import { notifyKind } from './notify.ts';
import { type PidOf, processKind } from './process.ts';
import { tcpKind } from './tcp.ts';

/** What the kinds need of the rest. `runDirectory` is the absolute folder of the project's runs. */
export interface KindParts {
  readonly clock: Clock;
  readonly logs: LogStore;
  readonly runDirectory: string;
  readonly invoke: Invoke;
  readonly pidOf: PidOf;
  readonly notices: Notices;
  /** Where checks may go. Left out: where those of files may. */
  readonly reachOf?: ReachOf;
}

/** The table, asking the real world. */
export function probeKinds({ clock, logs, runDirectory, invoke, pidOf, notices, ...more }: KindParts): ProbeKinds {
  const { reachOf = () => ANYWHERE } = more;
  const reaching = { resolve: addressResolver(), reachOf };
  return {
    http: httpKind({ clock, ...reaching, plain: rawClient(clock), secure: nodeClient(clock) }),
    tcp: tcpKind(clock, reaching),
    exec: execKind(clock, invoke),
    dns: dnsKind(reaching),
    process: processKind(clock, pidOf),
    log: logLineKind(logs),
    file: fileKind,
    fd: fdKind(runDirectory),
    notify: notifyKind(notices),
    beat: beatKind(clock, notices, machineSlept(clock)),
  };
}
