/** How a probe's command runs: as the service itself would, in its folder and its environment, by the same search for its program. */
import { RouseError } from '../model/errors.ts';
import type { Settings } from '../model/spec.ts';
import type { Invoke } from '../probe/exec.ts';
import { confineCommand } from '../runtime/confine-launch.ts';
import type { Confining } from '../runtime/confining.ts';
import type { Credentials } from '../runtime/credentials.ts';
import { childEnvironment } from '../runtime/environment.ts';
import type { GuardOf } from '../runtime/guard.ts';
import type { Host } from '../runtime/host.ts';
import { launchOf } from '../runtime/launch.ts';
import { identify } from '../runtime/process-group.ts';
import type { CommandTree, Trees } from '../runtime/tree.ts';

/** What it is made from. */
export interface InvokeParts {
  readonly host: Host;
  readonly guard: GuardOf;
  readonly confining: Confining;
  readonly credentials: Credentials;
  readonly trees: Trees;
  readonly settings: () => Pick<Settings, 'nuPath'>;
}

/** The way to run commands of probes. What cannot be run is RSE2101, RSE2108, RSE2114, RSE2115 or RSE2116. */
export function invokeWith({ host, guard, confining, credentials, trees, settings }: InvokeParts): Invoke {
  return (command, { spec, run }) => {
    const tree = trees.ofCommand(spec.name, run);
    const secrets = credentials.deliver(spec, run);
    if (secrets.type === 'fault') throw refusal('RSE2115', secrets.fault);
    const own = childEnvironment(spec, run, host, secrets.environment);
    const env = { ...own, ...tree.environment, ...secrets.variables };
    const { path, leftOut } = host;
    const { nuPath } = settings();
    const place = { path, leftOut, directory: spec.cwd, umask: null, nuPath, environment: env, guard: guard(spec) };
    const launch = launchOf(command, place);
    if (launch.type === 'launch') {
      const confined = confineCommand(confining, spec, { launch, environment: env });
      if (confined.type === 'fault') throw refusal('RSE2116', confined.fault);
      const end = (pid: number | null): Promise<void> => endTree(tree, pid);
      const { file, args } = confined.launch;
      return { file, args, env: confined.environment, cwd: spec.cwd, strayDescriptors: host.strayDescriptors, end };
    }
    const { code, program } = launch.fault;
    if (program === 'nu') throw refusal('RSE2108', launch.fault);
    throw refusal(code === 'not-trusted' ? 'RSE2114' : 'RSE2101', launch.fault);
  };
}

function refusal(
  code: 'RSE2101' | 'RSE2108' | 'RSE2114' | 'RSE2115' | 'RSE2116',
  { message, hint }: { readonly message: string; readonly hint: string | null },
): RouseError {
  return new RouseError(code, message, hint === null ? {} : { hint });
}

async function endTree(tree: CommandTree, pid: number | null): Promise<void> {
  if (pid !== null) tree.know(identify(pid));
  if ((await tree.end()) !== null) await tree.gone();
}
