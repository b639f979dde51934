/** The answer to "why is it in this state?", down to the root cause. */
import type { Phase } from './service.ts';
import type { ServiceName, When } from './spec.ts';

/** A link: the service above needs this one to be `needs`; the last link is the root. */
export interface ExplanationLink {
  readonly service: ServiceName;
  readonly phase: Phase;
  /** What the link above needs of this one; null for the first. */
  readonly needs: When | null;
  readonly reason: string;
}

/** A way out: a sentence and, where there is one, a command to type or a line to write. */
export interface Fix {
  readonly text: string;
  readonly command: string | null;
}

/** What happens next by itself, and when (ms from now; null = not known). */
export interface NextStep {
  readonly text: string;
  readonly inMs: number | null;
}

/** An explanation. Shapes: `chain` begins with the service itself and ends with `root`; `facts` are sentences. */
export interface Explanation {
  readonly service: ServiceName;
  readonly phase: Phase;
  readonly text: string;
  readonly chain: readonly ExplanationLink[];
  readonly root: ExplanationLink;
  readonly facts: readonly string[];
  readonly fixes: readonly Fix[];
  readonly next: NextStep | null;
}
