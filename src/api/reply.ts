/** An answer before it is sent: data, so that it can be compared, kept for a repeated request, and told from a stream. */
import { type FullProblem, problemOf } from '../model/problem.ts';
import { RouseError } from '../model/errors.ts';
import { type Mask, maskOf } from './masks.ts';

/** An answer. Headers in lower case, without those that every answer has. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | ReadableStream<Uint8Array> | null;
}

/** What comes beside the content of a page. */
export interface PageMeta {
  readonly next_cursor: string | null;
  readonly total: number | null;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** 200 with the content in its envelope. */
export function ok(content: unknown, headers: Reply['headers'] = {}): Reply {
  return json({ success: true, data: content }, { status: 200, headers });
}

/** 202 with the content in its envelope, and where to look for its end. */
export function accepted(content: unknown, location: string): Reply {
  return json({ success: true, data: content }, { status: 202, headers: { location } });
}

/** 200 with a page; `next` is the address of the next one, null at the end. */
export function page(content: readonly unknown[], meta: PageMeta, next: string | null): Reply {
  const headers: Reply['headers'] = next === null ? {} : { link: `<${next}>; rel="next"` };
  return json({ success: true, data: content, meta }, { status: 200, headers });
}

/** A document outside the envelope. */
export function json(document: unknown, head: Pick<Reply, 'status' | 'headers'>): Reply {
  return {
    status: head.status,
    headers: { 'content-type': JSON_TYPE, ...head.headers },
    body: JSON.stringify(document),
  };
}

/** Text for people. */
export function text(content: string, status = 200): Reply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: content };
}

/** What of the request a problem document repeats. */
export interface Instance {
  readonly path: string;
  readonly requestId: string;
}

/** What a refusal says besides its error. */
export interface RefusalMore {
  readonly members?: object;
  readonly headers?: Reply['headers'];
  /** Whether paths of files and places in them are told, which is for admins alone. Left out: they are. */
  readonly places?: 'told' | 'kept-back';
  /** Takes out of its words what stands in the definition. Left out: paths alone. */
  readonly mask?: Mask;
}

/** The answer to a request that is refused. `more` adds members of the problem, and headers. */
export function refusal(error: RouseError, instance: Instance, more: RefusalMore = {}): Reply {
  const problem: FullProblem =
    more.places === 'kept-back' ? discreet(problemOf(error), more.mask ?? NO_WORDS) : problemOf(error);
  const { errors, ...head } = problem;
  const document = { ...head, instance: instance.path, request_id: instance.requestId, errors, ...more.members };
  return {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...more.headers },
    body: JSON.stringify(document),
  };
}

/** The answer to a fault that is ours: nothing of it is told but the id to look for in the daemon's log. */
export function bug(instance: Instance): Reply {
  const error = new RouseError('RSE9001', 'cannot answer the request: there is a bug in Rouse', {
    hint: `look for ${instance.requestId} in the log of the daemon`,
  });
  return refusal(error, instance);
}

const NO_WORDS = maskOf({ services: [] });

function discreet(problem: FullProblem, without: Mask): FullProblem {
  const { hint } = problem;
  return {
    ...problem,
    detail: without(problem.detail),
    ...(hint === undefined ? {} : { hint: without(hint) }),
    errors: problem.errors.map((issue) => ({
      ...issue,
      file: null,
      line: null,
      column: null,
      message: without(issue.message),
      hint: issue.hint === null ? null : without(issue.hint),
      also: [],
    })),
  };
}
