/** What programs import from `rouse`. */
export { ServiceOrchestrator } from './library/orchestrator.ts';
export type { ListedService, OrchestratorOptions, ServiceHealth, ServiceState } from './library/orchestrator.ts';
export {
  ConflictError,
  ConnectionError,
  DefinitionError,
  HealthTimeoutError,
  isRouseError,
  NotFoundError,
  RouseError,
  StartError,
  StopTimeoutError,
} from './model/errors.ts';
export type { ErrorCode, Issue } from './model/errors.ts';
export type { Explanation } from './model/explanation.ts';
export type { Plan, PlanStep } from './model/plan.ts';
export type { Status } from './model/view.ts';
export type {
  CheckDef,
  CommandText,
  DependencyDef,
  DependsOn,
  RestartDef,
  ServiceDef,
  ServiceFields,
  Services,
  StopDef,
} from './library/service-words.ts';
export { defineStack, loadStack } from './library/stack.ts';
export type { LoadStackOptions, Stack, StackDef } from './library/stack.ts';
export { connect, up } from './library/up.ts';
export type { Place, UpOptions } from './library/up.ts';
export type { EventOptions, LogOptions, Running, RunningService, StackLine } from './library/running.ts';
export type { StackEvent } from './library/backend.ts';
export type { Aim } from './contract/aim.ts';
export type { WaitOptions } from './library/waiting.ts';
export type { FunctionContext, ServiceFunction } from './supervisor/function.ts';
export type { Listening, ListenOptions } from './library/listen.ts';
