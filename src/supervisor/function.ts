/** Services that are functions of the embedding program, for those who may not see the runtime. */
export type { FunctionContext, ServiceFunction } from '../runtime/function.ts';
