/** The block that `up`, `down` and their like redraw on a terminal: a line a service, and one that sums up. */
import type { ApiService } from '../../contract/api-service.ts';
import { escapeLine } from './escape.ts';
import { type Style, glyph, mark, paint, stateRole } from './style.ts';
import { took } from './time.ts';
import { fit, pad, widthOf } from './width.ts';
import { remark, startText, stateText } from './words.ts';

/** What is drawn. Units: epoch ms; `columns` and `rows` of the terminal. */
export interface Block {
  /** Whom the operation is about, in starting order. */
  readonly services: readonly ApiService[];
  /** Everything that is known, for chains of waiting. */
  readonly all: readonly ApiService[];
  readonly aim: 'up' | 'down';
  readonly startedAt: number;
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly keys: string;
  readonly style: Style;
}

const BAR = 14;
const SPARE_ROWS = 2;

/** The lines of the block, none wider than the terminal, at most `rows` - 2 of them; the rest is folded into one. */
export function blockLines(block: Block): string[] {
  const room = Math.max(1, block.rows - SPARE_ROWS - 1);
  const { shown, folded } = fold(block.services, room);
  const width = Math.max(0, ...shown.map(({ name }) => widthOf(escapeLine(name))));
  const stateWidth = Math.max(9, ...shown.map((service) => stateText(service).length));
  const lines = shown.map((service) => serviceLine(service, block, { name: width, state: stateWidth }));
  const rest = folded === null ? [] : [paint(block.style, 'faint', ` ${mark(block.style, 'more')} ${folded}`)];
  return [...lines, ...rest, progressLine(block)].map((line) =>
    fit(line, block.columns - 1, mark(block.style, 'more')),
  );
}

/** A service in the columns of the block. */
function serviceLine(
  service: ApiService,
  block: Pick<Block, 'all' | 'style' | 'now'>,
  widths: { readonly name: number; readonly state: number },
): string {
  const { style, now } = block;
  const role = stateRole(service.state);
  const state = pad(stateText(service), widths.state);
  const parts = [
    ` ${glyph(style, service.state)} ${pad(escapeLine(service.name), widths.name)}`,
    role === 'error' || role === 'warn' ? paint(style, role, state) : state,
    pad(startText(service, now), 6, 'start'),
    remark(service, block.all, style, now),
  ];
  return parts.join('  ').trimEnd();
}

// What moves is shown first: when there is no room, services that are done and those that have not begun go.
function fold(
  services: readonly ApiService[],
  room: number,
): { readonly shown: readonly ApiService[]; readonly folded: string | null } {
  if (services.length <= room) return { shown: services, folded: null };
  const kept = new Set(services.toSorted((left, right) => interest(left) - interest(right)).slice(0, room - 1));
  const hidden = services.filter((service) => !kept.has(service));
  const counts = [...new Set(hidden.map(({ state }) => state))]
    .map((state) => `${hidden.filter((service) => service.state === state).length} more ${state}`)
    .join(', ');
  return { shown: services.filter((service) => kept.has(service)), folded: counts };
}

const INTEREST = [
  'failed',
  'unhealthy',
  'retry',
  'starting',
  'stopping',
  'blocked',
  'unknown',
  'waiting',
  'ready',
  'done',
];
const interest = ({ state }: ApiService): number => {
  const index = INTEREST.indexOf(state);
  return index < 0 ? INTEREST.length : index;
};

function progressLine(block: Block): string {
  const { style, services, aim } = block;
  const isDone = ({ state }: ApiService): boolean =>
    aim === 'up'
      ? state === 'ready' || state === 'done'
      : state === 'stopped' || state === 'done' || state === 'failed';
  const done = services.filter(isDone).length;
  const total = services.length;
  const filled = total === 0 ? BAR : Math.floor((BAR * done) / total);
  const half = filled < BAR ? mark(style, 'half') : '';
  const bar = mark(style, 'full').repeat(filled) + half + mark(style, 'empty').repeat(Math.max(0, BAR - filled - 1));
  const head = ` ${took(block.now - block.startedAt)} ${paint(style, 'progress', bar)} ${done}/${total}`;
  return block.keys === '' ? head : `${head}   ${paint(style, 'faint', block.keys)}`;
}
