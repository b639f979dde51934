/** The definition: what it says, and giving the daemon another. */
import type { ApiApplied, ApiDefinition, ApiValidation, LoadOrder } from '../contract/api-definition.ts';
import type { ApiReload, ReloadOrder, ScaleOrder } from '../contract/api-reload.ts';
import { type Session, pathOf } from './session.ts';

/** The project's definition. */
export interface DefinitionClient {
  /** The resolved document, and its ETag, to be handed to `put`. */
  get(): Promise<{ readonly document: ApiDefinition; readonly etag: string }>;
  /**
   * Replaces the definition by a document in the words of the definition file.
   * Errors: DefinitionError (nothing changed); RSE4012 when `etag` is no longer the present one.
   */
  put(document: unknown, etag: string): Promise<ApiApplied>;
  /** Checks a document without using it. Errors: DefinitionError with every issue. */
  validate(document: unknown): Promise<ApiValidation>;
  /**
   * Has the daemon read the files again and use what they say. Paths absolute; `variables` are those of the caller's
   * environment that the files name.
   * Errors: DefinitionError (nothing changed); ConflictError RSE4010 when the project belongs to other files.
   */
  load(order: LoadOrder): Promise<ApiApplied>;
  /** The same, and restarts what is outdated. Errors: as `load`; RSE4111. */
  reload(order: ReloadOrder): Promise<ApiReload>;
  /** What `reload` would do: what runs against what the files say. Errors: as `load`. */
  differences(order: LoadOrder): Promise<ApiReload>;
  /** So many replicas of a service. Errors: RSE4001; RSE1106 when there can be one only. */
  scale(service: string, order: ScaleOrder): Promise<ApiReload>;
}

/** The definition over a session. */
export function definitionClient(session: Session): DefinitionClient {
  return {
    get: async () => {
      const answer = await session.ask<ApiDefinition>('GET', pathOf('definition'));
      return { document: answer.content, etag: answer.header('etag') ?? '' };
    },
    put: (document, etag) =>
      session.call('PUT', pathOf('definition'), { body: document, headers: { 'if-match': etag } }),
    validate: (document) => session.call('POST', pathOf('definition', 'validate'), { body: document }),
    load: (order) => session.call('POST', pathOf('definition', 'load'), { body: order }),
    reload: (order) => session.call('POST', pathOf('definition', 'reload'), { body: order }),
    differences: (order) => session.call('POST', `${pathOf('definition', 'reload')}?dry_run=true`, { body: order }),
    scale: (service, order) => session.call('POST', pathOf('services', service, 'scale'), { body: order }),
  };
}
