/** Definitions that are programs, for those who may not start any themselves. */
import { evaluateScript } from '../runtime/evaluate-script.ts';

/** The JSON value that a definition file in TypeScript or JavaScript evaluates to. Errors: as `evaluateScript` says. */
export function evaluate(path: string): Promise<unknown> {
  return evaluateScript(path, process.env);
}
