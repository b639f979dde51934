/** What a run of a process consists of, for the one that carries it through. */
import type { Spec } from '../model/spec.ts';
import type { RuntimeParts } from './parts.ts';
import type { RunFolder } from './run-folder.ts';
import type { StartFacts } from './start-judgement.ts';
import type { Tree } from './tree.ts';

/** What a run consists of. `begin` orders it once more, by this program itself. */
export interface RunMatter {
  readonly parts: RuntimeParts;
  readonly spec: Spec;
  readonly run: number;
  readonly folder: RunFolder;
  readonly tree: Tree;
  readonly facts: Pick<StartFacts, 'launch' | 'directory'>;
  /** How a run that turns out to live is reported: it was ordered, or taken over. */
  readonly origin: 'ordered' | 'adopted';
  readonly begin: () => void;
  /** Called when its shim is found to be gone: nobody will tell of its end. */
  readonly unwatched: () => void;
  /** Called once, when nothing of it is left. */
  readonly over: () => void;
}
