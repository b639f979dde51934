/** The definition as the API shows and takes it. */
import { z } from 'zod';
import type { Definition } from '../model/spec.ts';
import { toDocument } from './document.ts';
import { names } from './envelope.ts';

/** The resolved definition: `services` in the words of the definition file, so that it can be sent back by `PUT`. */
export const apiDefinition = z
  .object({
    name: z.string(),
    directory: z.string(),
    files: names,
    hash: z.string(),
    document: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Definition' });

/** What a new definition did to the set of services. */
export const apiApplied = z
  .object({ hash: z.string(), added: names, changed: names, removed: names, unchanged: names })
  .meta({ id: 'Applied' });

/** A document that is sound: its project, its services in the order of declaration, and the hash it would have. */
export const apiValidation = z
  .object({ name: z.string(), services: names, hash: z.string() })
  .meta({ id: 'Validation' });

/** The body of `POST /definition/load`. */
export const loadOrder = z
  .strictObject({
    files: z.array(z.string().max(4096)).min(1).max(1000).readonly(),
    overlays: z.array(z.string().max(64)).max(32).readonly().optional(),
    variables: z.record(z.string().max(128), z.string()).readonly().optional(),
    profiles: z.array(z.string().max(64)).max(100).readonly().optional(),
  })
  .meta({ id: 'LoadOrder' });

/** The resolved definition. */
export type ApiDefinition = Readonly<z.infer<typeof apiDefinition>>;

/** What a new definition did. */
export type ApiApplied = Readonly<z.infer<typeof apiApplied>>;

/** A document that is sound. */
export type ApiValidation = Readonly<z.infer<typeof apiValidation>>;

/** Which files to read, with the variables that they name. */
export type LoadOrder = Readonly<z.infer<typeof loadOrder>>;

/** The model's definition as the API shows it. */
export function toApiDefinition(definition: Definition): ApiDefinition {
  return {
    name: definition.name,
    directory: definition.directory,
    files: definition.files,
    hash: definition.hash,
    document: toDocument(definition),
  };
}
