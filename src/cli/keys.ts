/** The keys of each output, in the order of its schema: known without loading the schemas. */

/** A service, as `ps` and `status` print it. */
export const SERVICE_KEYS = [
  'name',
  'description',
  'kind',
  'execution',
  'shell',
  'status',
  'phase',
  'state',
  'step',
  'desired',
  'ready',
  'health',
  'reason',
  'saying',
  'waiting_for',
  'since',
  'started_at',
  'ready_at',
  'uptime_ms',
  'last_start_ms',
  'retry_in_ms',
  'run',
  'restarts',
  'exit_code',
  'exit_signal',
  'pid',
  'tree',
  'tree_note',
  'confined',
  'limits',
  'urls',
  'depends_on',
  'dependents',
  'degraded_by',
  'pin',
  'outdated',
  'next_run_at',
  'labels',
  'origin',
] as const;

/** An operation. */
export const CHANGE_KEYS = [
  'id',
  'action',
  'services',
  'state',
  'summary',
  'by',
  'created_at',
  'ended_at',
  'progress',
  'tasks',
  'error',
] as const;

/** A plan. */
export const PLAN_KEYS = ['targets', 'order', 'waves', 'steps', 'critical_path'] as const;

/** What a reload does, or would do. */
export const RELOAD_KEYS = ['hash', 'services', 'changes', 'rules'] as const;

/** A graph. */
export const GRAPH_KEYS = ['services', 'edges', 'waves', 'critical_path'] as const;

/** An explanation. */
export const EXPLAIN_KEYS = ['service', 'phase', 'text', 'chain', 'root', 'facts', 'fixes', 'next'] as const;

/** The health of a service. */
export const HEALTH_KEYS = ['name', 'healthy', 'message', 'last_check', 'latency_ms'] as const;

/** A check with its last answers. */
export const CHECK_KEYS = ['service', 'run', 'question', 'target', 'interval_ms', 'results'] as const;

/** A line of output. */
export const LOG_KEYS = ['type', 'service', 'run', 'offset', 'at', 'text', 'cut', 'cursor'] as const;

/** What every event has; each type adds its own. */
export const EVENT_KEYS = [
  'type',
  'seq',
  'at',
  'actor',
  'service',
  'from',
  'to',
  'ready',
  'run',
  'reason',
  'elapsed_ms',
  'pid',
  'message',
  'exit_code',
  'signal',
  'scope',
  'hook',
  'pin',
  'end',
  'text',
  'services',
  'result',
  'files',
  'delay_ms',
  'restarts',
  'change',
  'id',
  'task',
  'done',
  'total',
  'hash',
  'added',
  'changed',
  'removed',
  'version',
  'previous',
  'adopted',
  'ended',
  'fenced',
  'unverified',
  'rebuilt',
] as const;

/** A token, as `token ls` prints it. */
export const TOKEN_KEYS = [
  'id',
  'name',
  'role',
  'services',
  'logs',
  'created_at',
  'expires_at',
  'last_used_at',
  'expired',
] as const;

/** A token that was just made. */
export const MADE_TOKEN_KEYS = ['id', 'token'] as const;

/** A record of the audit trail. */
export const AUDIT_KEYS = [
  'v',
  'seq',
  'ts',
  'boot',
  'host',
  'req',
  'stage',
  'actor',
  'remote',
  'action',
  'target',
  'params',
  'outcome',
  'status',
  'reason',
  'ms',
  'prev',
  'hash',
] as const;

/** What a look at the whole audit trail found. */
export const AUDIT_VERDICT_KEYS = ['verdict', 'records', 'files', 'head', 'anchors', 'faults', 'notes'] as const;

/** The daemon, as `daemon status` prints it. */
export const SYSTEM_KEYS = [
  'project',
  'directory',
  'files',
  'definition_hash',
  'orchestration',
  'pid',
  'version',
  'started_at',
  'uptime_ms',
  'started_by',
  'state',
  'socket',
  'listeners',
  'tokens',
  'state_directory',
  'path',
  'log_retention',
  'leases',
  'audit',
  'runs_as_root',
  'services',
  'api_versions',
  'capabilities',
  'limits',
] as const;
