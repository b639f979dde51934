/** `rouse doctor`: what this machine can do, what the project lacks, and what a definition leaves open. */
import type { ApiDoctor, ApiFinding } from '../contract/api-doctor.ts';
import { RouseError } from '../model/errors.ts';
import { askedFor, openEnds, practices } from './doctor-definition.ts';
import { daemonFindings, folderFindings, machineFindings } from './doctor-places.ts';
import { loadHere } from './definition.ts';
import { checkFields, printJson } from './json.ts';
import { placed, projectOf } from './project.ts';
import { doctorScreen } from './render/doctor.ts';
import { type Session, printLines } from './session.ts';
import type { Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '',
  examples: [
    ['rouse doctor', 'this machine, the daemon, and the definition that is found from here'],
    ['rouse doctor --json', 'the same for programs'],
  ],
  flags: [],
  exits: [
    [0, 'all is well, or there are notes alone'],
    [1, 'something is wrong, or the definition asks for what cannot be had'],
  ],
  run,
};

const KEYS = ['state', 'findings'] as const;
/** Stands for a project where none is found from here: machine and folders are looked at all the same. */
const NO_PROJECT = 'doctor';

async function run(session: Session): Promise<number> {
  checkFields(session, KEYS);
  const { examine } = await import('../supervisor/machine.ts');
  const name = await nameOrNone(session);
  const project = placed(session, name ?? NO_PROJECT);
  const examination = examine(project.paths.runs);
  const findings = [
    ...machineFindings(examination),
    ...folderFindings(session),
    ...(name === null ? [] : await daemonFindings(session, project)),
    ...(await definitionFindings(session, examination)),
  ];
  const report: ApiDoctor = { state: worst(findings), findings };
  if (session.flags.json !== null) printJson(session, report, KEYS);
  else printLines(session, doctorScreen(report, session.out.style));
  return report.state === 'problem' ? 1 : 0;
}

async function nameOrNone(session: Session): Promise<string | null> {
  try {
    return (await projectOf(session)).name;
  } catch (error) {
    // That there is none, or none that can be read, is said of the definition.
    if (error instanceof RouseError) return null;
    throw error;
  }
}

async function definitionFindings(
  session: Session,
  examination: Parameters<typeof askedFor>[1],
): Promise<readonly ApiFinding[]> {
  const about = 'definition';
  try {
    const { definition, warnings } = await loadHere(session, []);
    const count = definition.services.length;
    const where = `${definition.files.join(', ')}: ${count} ${count === 1 ? 'service' : 'services'}`;
    return [
      { about, what: where, state: 'ok', why: null, mend: null },
      ...warnings.map(({ message, hint }): ApiFinding => ({
        about,
        what: 'to be thought over',
        state: 'note',
        why: message,
        mend: hint,
      })),
      ...askedFor(definition, examination),
      ...openEnds(definition, process.geteuid?.() ?? 0),
      ...practices(definition),
    ];
  } catch (error) {
    if (!(error instanceof RouseError)) throw error;
    if (error.code === 'RSE0101')
      return [{ about, what: 'no definition from here', state: 'note', why: null, mend: 'rouse init' }];
    return [
      { about, what: 'the definition', state: 'problem', why: error.message, mend: error.hint ?? 'rouse validate' },
    ];
  }
}

function worst(findings: readonly ApiFinding[]): ApiFinding['state'] {
  const states = findings.map(({ state }) => state);
  if (states.includes('problem')) return 'problem';
  return states.includes('note') ? 'note' : 'ok';
}
