/** The screen of `rouse doctor`. */
import type { ApiDoctor, ApiFinding } from '../../contract/api-doctor.ts';
import { escapeLine } from './escape.ts';
import { type Style, paint } from './style.ts';

const SIGNS = { ok: ['✓', '+', 'ok'], note: ['·', '-', 'plain'], problem: ['✖', 'x', 'error'] } as const;

const HEADS: Readonly<Record<ApiFinding['about'], string>> = {
  machine: 'This machine',
  folders: 'Folders',
  daemon: 'Daemon',
  definition: 'Definition',
  practice: 'Practice',
};

/** What was looked at by group, each with why and what mends it; a sum at the end. */
export function doctorScreen({ findings }: ApiDoctor, style: Style): string[] {
  const groups = Object.entries(HEADS).flatMap(([about, head]) => {
    const own = findings.filter((finding) => finding.about === about);
    return own.length === 0
      ? []
      : ['', paint(style, 'strong', head), ...own.flatMap((one) => findingLines(one, style))];
  });
  return [...groups.slice(1), '', sumOf(findings)];
}

function findingLines({ what, state, why, mend }: ApiFinding, style: Style): string[] {
  const [unicode, ascii, role] = SIGNS[state];
  const sign = paint(style, role, style.glyphs === 'unicode' ? unicode : ascii);
  return [
    `  ${sign} ${escapeLine(what)}${why === null ? '' : `: ${escapeLine(why)}`}`,
    ...(mend === null ? [] : [`      ${paint(style, 'faint', 'helps:')} ${escapeLine(mend)}`]),
  ];
}

function sumOf(findings: readonly ApiFinding[]): string {
  const count = (state: ApiFinding['state'], one: string, many: string): string => {
    const { length } = findings.filter((finding) => finding.state === state);
    return `${length} ${length === 1 ? one : many}`;
  };
  return `${count('problem', 'problem', 'problems')}, ${count('note', 'note', 'notes')}, ${count('ok', 'thing is', 'things are')} well`;
}
