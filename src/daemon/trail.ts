/** The audit trail of a daemon: the writer, what follows the supervision for it, and where anchors are said. */
import { hostname } from 'node:os';
import { anchorLine } from '../audit/anchors.ts';
import { pageOfTrail } from '../audit/page.ts';
import { verifyTrail } from '../audit/verify.ts';
import { AuditWriter } from '../audit/writer.ts';
import { bootId } from '../clock/boot.ts';
import type { AuditHead } from '../model/audit.ts';
import type { Policy } from '../model/policy.ts';
import type { Definition } from '../model/spec.ts';
import type { AuditLog, AuditTrail } from '../ports/audit-log.ts';
import type { Clock } from '../ports/clock.ts';
import type { Supervisor } from '../supervisor/port.ts';
import { FOLLOWED, automaticEntry, changedFields, gapEntry } from './automatic.ts';

/** What a trail needs. `path` is that of its file, in a folder that is there and private. */
export interface TrailParts {
  readonly path: string;
  readonly definition: Definition;
  readonly clock: Clock;
  /** Takes a line of the daemon's own log. */
  readonly say: (line: string) => void;
  /** Runs the words of a command with a text on standard input; not waited for. Left out: anchors go into the log alone. */
  readonly tell?: (words: readonly string[], text: string) => void;
}

/** Records that a slow turn may leave behind; what is missed is put on record as a gap. */
const CAPACITY = 20_000;

/** The trail of a project, from its opening until it is disposed, which comes after the supervisor's end. */
export class Trail implements AsyncDisposable {
  readonly log: AuditLog;
  readonly reader: AuditTrail;
  readonly #writer: AuditWriter;
  readonly #ending = new AbortController();
  #policy: Policy;
  #following: Promise<void> = Promise.resolve();

  constructor({ path, definition, clock, say, tell }: TrailParts) {
    this.#policy = definition.policy;
    const anchor = (head: AuditHead): void => {
      say(anchorLine(head));
      const words = this.#policy.anchorCommand;
      if (words !== null) tell?.(words, `${head.seq}:${head.hash}\n`);
    };
    const failure = (): Policy['auditFailure'] => this.#policy.auditFailure;
    this.#writer = new AuditWriter({ path, clock, say, anchor, failure, boot: bootId(), host: hostname() });
    this.log = this.#writer;
    this.reader = {
      page: (query) => pageOfTrail(path, query),
      verify: (expected) => verifyTrail({ path, from: null, expected, anchorFiles: [] }),
    };
  }

  /** Opens a trail. Errors: none; one that cannot be written says so (`log.fault`), and is tried again. */
  static async open(parts: TrailParts): Promise<Trail> {
    const trail = new Trail(parts);
    await trail.#writer.open();
    const { contradiction } = trail.#writer;
    if (contradiction !== null) parts.say(`audit: the trail is not whole: ${contradiction}; see rouse audit verify`);
    return trail;
  }

  /** Puts on record what the supervisor does by itself, from its start on. */
  follow(supervisor: Supervisor): void {
    const interest = { types: FOLLOWED, services: [], capacity: CAPACITY };
    const fresh = supervisor.subscribe(interest, this.#ending.signal);
    const known = supervisor.records({
      types: ['system.started', 'system.recovered'],
      services: [],
      sinceSeq: 0,
      limit: 2,
    });
    const begin = known.findLastIndex(({ body }) => body.type === 'system.started' && body.pid === process.pid);
    const started = begin < 0 ? [] : known.slice(begin);
    this.#following = this.#follow(supervisor, started, fresh);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#following;
    await this.#writer[Symbol.asyncDispose]();
  }

  async #follow(supervisor: Supervisor, started: ReturnType<Supervisor['records']>, fresh: Fresh): Promise<void> {
    let definition = supervisor.definition();
    let seen = -1;
    for (const record of started) {
      seen = record.seq;
      this.#note(automaticEntry(record, []));
    }
    for await (const record of fresh) {
      if (!('body' in record)) {
        this.#note(gapEntry(record));
        continue;
      }
      if (record.seq <= seen) continue;
      if (record.body.type !== 'definition.applied') {
        this.#note(automaticEntry(record, []));
        continue;
      }
      const next = supervisor.definition();
      this.#policy = next.policy;
      this.#note(automaticEntry(record, changedFields(definition, next)));
      definition = next;
    }
  }

  #note(entry: ReturnType<typeof automaticEntry>): void {
    if (entry !== null) this.log.after(entry);
  }
}

type Fresh = ReturnType<Supervisor['subscribe']>;
