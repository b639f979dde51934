/** The values of variables: of the environment, of `[vars]`, of the project and of other services. */
import { nearest } from '../model/nearest.ts';
import { replicaOf } from '../model/replica.ts';
import type { Report } from './fault.ts';
import { type Segment, segmentsOf } from './interpolate.ts';
import { type Span, partOf } from './source.ts';
import { type Path, type Table, type Tree, MAX_DEPTH, childOf, textOf } from './tree.ts';

/** What variables may mean. `services` holds them merged, by name. `used` collects names of the environment. */
export interface Variables {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly vars: Table;
  readonly project: { readonly directory: string; readonly name: string | null };
  readonly services: ReadonlyMap<string, Table>;
  readonly report: Report;
  readonly used: Set<string>;
  /** Values that were worked out, by name; null after a fault. */
  readonly known: Map<string, string | null>;
}

/** A text with the place where it stands. `open` names the variables that are being worked out. */
export interface Place {
  readonly variables: Variables;
  /** The service that the text belongs to, or null. */
  readonly service: string | null;
  readonly text: string;
  readonly span: Span | null;
  readonly path: Path;
  readonly open?: readonly string[];
}

/** The text with every variable replaced. Faults are reported (RSE1301, RSE1302) and leave nothing in the text. */
export function expand(place: Place): string {
  if (!place.text.includes('$')) return place.text;
  const { segments, malformed } = segmentsOf(place.text);
  if (malformed !== null) {
    const { start, end } = malformed;
    refuse(
      place,
      { start, end },
      'RSE1301',
      malformed.message,
      'write ${NAME}, ${NAME:-default} or ${NAME:?message}; $$ is a dollar sign',
    );
  }
  return segments.map((segment) => valueOf(segment, place)).join('');
}

/** What a segment of the place's text stands for. */
export function valueOf(segment: Segment, place: Place): string {
  if (segment.type === 'text') return segment.text;
  const value = lookUp(segment, place);
  if (value !== null && (value !== '' || segment.otherwise === 'error')) return value;
  if (segment.otherwise === 'default') return expand(argumentPlace(segment, place));
  if (value !== null && segment.otherwise === 'message' && value !== '') return value;
  if (segment.otherwise === 'message') {
    const message = expand(argumentPlace(segment, place));
    refuse(place, segment, 'RSE1302', `\${${segment.name}} is not set: ${message}`);
  }
  return '';
}

function argumentPlace(segment: Segment & { type: 'variable' }, place: Place): Place {
  const open = [...(place.open ?? []), ''];
  if (open.length > MAX_DEPTH) {
    refuse(place, segment, 'RSE1301', `variables are nested deeper than ${MAX_DEPTH}`);
    return { ...place, text: '' };
  }
  const span = partOf(place.span, place.text, segment.argumentStart, segment.argument.length);
  return { ...place, text: segment.argument, span, open };
}

type Variable = Segment & { type: 'variable' };

/** The value; null when it is not set, after a report unless the text says what to do then. */
function lookUp(segment: Variable, place: Place): string | null {
  const { name } = segment;
  const [root = '', ...rest] = name.split('.');
  if (root === 'replica') return replicaValue(segment, rest.join('.'), place);
  if (rest.length === 0) return environmentValue(segment, place);
  const last = rest.join('.');
  if (root === 'vars') return varValue(segment, last, place);
  if (root === 'project' && last === 'dir') return place.variables.project.directory;
  if (root === 'project' && last === 'name' && place.variables.project.name !== null)
    return place.variables.project.name;
  if (root === 'service' && last === 'name' && place.service !== null) return place.service;
  if (root === 'services' && rest.length > 1 && rest.at(-1) === 'url')
    return serviceUrl(segment, rest.slice(0, -1).join('.'), place);
  return unknownVariable(segment, place);
}

function unknownVariable(segment: Variable, place: Place): string {
  const { name } = segment;
  const known = ['vars.NAME', 'project.dir', 'project.name', 'service.name', 'services.NAME.url', 'replica'];
  const here = place.service === null && /^(service|replica)\b/.test(name) ? ' here' : '';
  refuse(
    place,
    segment,
    'RSE1301',
    `there is no variable "${name}"${here}`,
    `known are names of the environment, ${known.join(', ')}`,
  );
  return '';
}

/** The number of the replica (1 where there is one only), or the port that many steps from a first one. */
function replicaValue(segment: Variable, inner: string, place: Place): string {
  if (place.service === null || !['', 'number', 'port'].includes(inner)) return unknownVariable(segment, place);
  const number = replicaOf(place.service)?.number ?? 1;
  if (inner !== 'port') return String(number);
  const port = Number(segment.argument) + number - 1;
  if (segment.argument === '' || port < 1 || port > 65_535)
    refuse(
      place,
      segment,
      'RSE1301',
      segment.argument === '' ? 'the first port is missing' : `there is no port ${port}`,
      'write the port of the first replica: ${replica.port:3000}',
    );
  return String(port);
}

function environmentValue(segment: Variable, place: Place): string | null {
  const { name, otherwise } = segment;
  place.variables.used.add(name);
  const value = Object.hasOwn(place.variables.environment, name) ? place.variables.environment[name] : undefined;
  if (value === undefined && otherwise === 'error')
    refuse(
      place,
      segment,
      'RSE1302',
      `\${${name}} is not set`,
      `set it in the environment or in .env, or give a default: \${${name}:-…}`,
    );
  return value ?? null;
}

function varValue(segment: Variable, name: string, place: Place): string | null {
  const entry = place.variables.vars.entries.get(name);
  if (entry === undefined) {
    if (segment.otherwise === 'error') {
      const near = nearest(name, place.variables.vars.entries.keys());
      refuse(
        place,
        segment,
        'RSE1302',
        `\${vars.${name}} is not set`,
        near === null ? 'add it under [vars]' : `did you mean \${vars.${near}}?`,
      );
    }
    return null;
  }
  return remembered(`vars.${name}`, segment, place, (open) => {
    if (entry.value.type !== 'scalar') return null;
    const text = String(entry.value.value);
    return expand({ ...place, service: null, text, span: entry.value.span, path: ['vars', name], open });
  });
}

function serviceUrl(segment: Variable, name: string, place: Place): string | null {
  const service = place.variables.services.get(name);
  if (service === undefined) {
    const near = nearest(name, place.variables.services.keys());
    refuse(
      place,
      segment,
      'RSE1301',
      `there is no service "${name}"`,
      near === null ? undefined : `did you mean "${near}"?`,
    );
    return '';
  }
  const written = urlText(service);
  if (written === null) {
    if (segment.otherwise === 'error')
      refuse(
        place,
        segment,
        'RSE1302',
        `service "${name}" has no address`,
        `give it "url", or a health check over http`,
      );
    return null;
  }
  return remembered(`services.${name}.url`, segment, place, (open) => {
    const text = expand({
      ...place,
      service: name,
      text: written.text,
      span: written.tree.span,
      path: ['services', name],
      open,
    });
    return written.whole === 'yes' ? text : originPart(text);
  });
}

/** Works a value out once; a value that needs itself is reported with the whole circle. */
function remembered(
  name: string,
  segment: Variable,
  place: Place,
  work: (open: readonly string[]) => string | null,
): string | null {
  const known = place.variables.known.get(name);
  if (known !== undefined) return known;
  const open = place.open ?? [];
  if (open.includes(name)) {
    const circle = [...open.slice(open.indexOf(name)), name].filter((step) => step !== '').join(' › ');
    refuse(place, segment, 'RSE1301', `variables need each other in a circle: ${circle}`);
    return '';
  }
  const value = work([...open, name]);
  place.variables.known.set(name, value);
  return value;
}

/** The address that a merged service shows: its `url`, else what its HTTP check asks; null when it has neither. */
function urlText(service: Table): { text: string; tree: Tree; whole: 'yes' | 'no' } | null {
  const url = childOf(service, 'url');
  const text = textOf(url);
  if (url !== undefined && text !== null) return { text, tree: url, whole: 'yes' };
  const health = childOf(service, 'health') ?? childOf(service, 'health_check_endpoint');
  const tree = health?.type === 'table' ? childOf(health, 'http') : health;
  const address = textOf(tree);
  return tree === undefined || address === null || /^(tcp|dns):/.test(address)
    ? null
    : { text: address, tree, whole: 'no' };
}

/** `scheme://host:port` of an address; null when it is not one. */
export function originPart(address: string): string | null {
  return URL.canParse(address) ? new URL(address).origin : null;
}

// The stretch and the words of a fault belong together.
function refuse(
  place: Place,
  stretch: { readonly start: number; readonly end: number },
  code: 'RSE1301' | 'RSE1302',
  ...[message, hint]: readonly [string, string?]
): void {
  place.variables.report({
    code,
    message,
    span: partOf(place.span, place.text, stretch.start, stretch.end - stretch.start),
    path: place.path,
    ...(hint === undefined ? {} : { hint }),
    services: place.service === null ? [] : [place.service],
  });
}

/** The tree with every text expanded, but for the command texts that `leave` names by their path. */
export function expandTree(tree: Tree, place: Omit<Place, 'text' | 'span'>, leave: (path: Path) => boolean): Tree {
  if (tree.type === 'scalar') {
    if (typeof tree.value !== 'string' || !tree.value.includes('$') || leave(place.path)) return tree;
    return { ...tree, value: expand({ ...place, text: tree.value, span: tree.span }) };
  }
  if (tree.type === 'list')
    return {
      ...tree,
      elements: tree.elements.map((element, index) =>
        expandTree(element, { ...place, path: [...place.path, index] }, leave),
      ),
    };
  const entries = [...tree.entries].map(
    ([key, entry]) =>
      [key, { ...entry, value: expandTree(entry.value, { ...place, path: [...place.path, key] }, leave) }] as const,
  );
  return { ...tree, entries: new Map(entries) };
}
