/** The screen of `rouse explain SERVICE`: the chain down to the root, what is known, what helps, what comes next. */
import type { ApiExplanation } from '../../contract/api-explain.ts';
import type { Phase } from '../../model/service.ts';
import type { StateWord } from '../../model/view.ts';
import { escapeLine } from './escape.ts';
import { type Style, glyph, mark, paint } from './style.ts';
import { age } from './time.ts';
import { pad, widthOf } from './width.ts';

/** The word that people read for a phase when nothing else of the service is known. */
export function phaseWord(phase: Phase): StateWord {
  switch (phase) {
    case 'backoff':
      return 'retry';
    case 'completed':
      return 'done';
    case 'stopped':
    case 'waiting':
    case 'starting':
    case 'ready':
    case 'stopping':
    case 'failed':
    case 'unknown':
      return phase;
    default:
      return phase satisfies never;
  }
}

/** The lines of an explanation. */
export function explainScreen(explanation: ApiExplanation, style: Style): string[] {
  const [first] = explanation.chain;
  const word = first === undefined ? phaseWord(explanation.phase) : linkWord(first);
  const head = `${glyph(style, word)} ${escapeLine(explanation.text)}`;
  return [
    head,
    ...section(chainLines(explanation, style)),
    ...section(explanation.facts.map((fact) => `  ${escapeLine(fact)}`)),
    ...section(fixLines(explanation)),
    ...nextLine(explanation),
  ];
}

const section = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : ['', ...lines]);

function chainLines({ chain }: ApiExplanation, style: Style): string[] {
  if (chain.length < 2) return [];
  const names = chain.map((link, index) => {
    const branch = index === 0 ? '' : `${'   '.repeat(index - 1)}${mark(style, 'corner')} `;
    const needs = link.needs === null ? '' : ` ${paint(style, 'faint', escapeLine(link.needs))}`;
    return `${branch}${escapeLine(link.service)}${needs}`;
  });
  const width = Math.max(...names.map(widthOf));
  return chain.map((link, index) => {
    const root = index === chain.length - 1 ? `   ${mark(style, 'back')} this is the cause` : '';
    const word = linkWord(link);
    // The reason of a blocked service begins with the word itself.
    const text = word === 'blocked' ? link.reason : `${word}: ${link.reason}`;
    return `  ${pad(names[index] ?? '', width)}   ${glyph(style, word)} ${escapeLine(text)}${paint(style, 'strong', root)}`;
  });
}

/** A phase knows nothing of blocking; the reason does. */
function linkWord({ phase, reason }: ApiExplanation['chain'][number]): StateWord {
  return phase === 'waiting' && reason.startsWith('blocked ') ? 'blocked' : phaseWord(phase);
}

function fixLines({ fixes }: ApiExplanation): string[] {
  if (fixes.length === 0) return [];
  const width = Math.max(...fixes.map(({ text }) => widthOf(escapeLine(text))));
  const lines = fixes.map(({ text, command }) =>
    command === null ? `    ${escapeLine(text)}` : `    ${pad(escapeLine(text), width)}   ${escapeLine(command)}`,
  );
  return ['  What helps:', ...lines];
}

function nextLine({ next }: ApiExplanation): string[] {
  if (next === null) return [];
  const when = next.in_ms === null ? '' : ` (in ${age(Math.max(1000, next.in_ms))})`;
  return ['', `Next: ${escapeLine(next.text)}${when}`];
}
