/** The screen of `rouse plan` and of every dry run. */
import type { ApiPlan } from '../../contract/api-plan.ts';
import { escapeLine } from './escape.ts';
import { type Style, mark, paint } from './style.ts';
import { pad, widthOf } from './width.ts';

type Action = ApiPlan['steps'][number]['action'];

const SIGNS: Readonly<Record<Action, string>> = { start: '+', stop: '-', restart: '~', none: '=' };
const ROLES = { start: 'ok', stop: 'warn', restart: 'progress', none: 'faint' } as const satisfies Record<
  Action,
  string
>;

/** The plan wave by wave: sign, name and why; then what it comes to, and the longest chain where there is one. */
export function planScreen(plan: ApiPlan, style: Style): string[] {
  const steps = new Map(plan.steps.map((step) => [step.service, step]));
  const waves = plan.waves.length > 0 ? plan.waves : [plan.steps.map(({ service }) => service)];
  const width = Math.max(0, ...plan.steps.map(({ service }) => widthOf(escapeLine(service))));
  const head = Math.max(...waves.map((_, index) => `wave ${index + 1}`.length));
  const lines = waves.flatMap((wave, index) =>
    wave.map((name, position) => {
      const step = steps.get(name);
      const action = step?.action ?? 'none';
      const label = position === 0 ? `wave ${index + 1}` : '';
      const sign = paint(style, ROLES[action], SIGNS[action]);
      return `${pad(label, head)}   ${sign} ${pad(escapeLine(name), width)}  ${escapeLine(step?.why ?? '')}`.trimEnd();
    }),
  );
  return [...lines, planSummary(plan), ...criticalLine(plan, style)];
}

/** `4 services: 2 start, 2 unchanged`. */
function planSummary(plan: ApiPlan): string {
  const words: readonly (readonly [Action, string])[] = [
    ['start', 'start'],
    ['stop', 'stop'],
    ['restart', 'restart'],
    ['none', 'unchanged'],
  ];
  const counts = words
    .map(([action, word]) => ({ word, count: plan.steps.filter((step) => step.action === action).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`);
  const total = `${plan.steps.length} ${plan.steps.length === 1 ? 'service' : 'services'}`;
  return counts.length === 0 ? total : `${total}: ${counts.join(', ')}`;
}

function criticalLine(plan: ApiPlan, style: Style): string[] {
  if (plan.critical_path.length < 2) return [];
  return [`longest chain: ${plan.critical_path.map(escapeLine).join(` ${mark(style, 'chain')} `)}`];
}
