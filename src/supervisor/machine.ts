/** What the machine can do for services, tried out: for `rouse doctor`. */
export { type Examination, examine, type Trial } from '../runtime/trial.ts';
