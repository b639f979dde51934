import { describe, expect, test } from 'vitest';
import type { Move } from '../../src/core/move.ts';
import {
  onEnded,
  onProbe,
  onRelease,
  onReplace,
  onStartOrder,
  onStopOrder,
  onTimer,
  onWake,
} from '../../src/core/transition.ts';
import type { Reason, StartFault } from '../../src/model/reason.ts';
import type { Phase, Service } from '../../src/model/service.ts';
import { PHASES } from '../../src/model/service.ts';
import { given } from './given.ts';

const AT = 5000;
const report = { service: 'db', run: 1, at: AT, draw: 0.5 } as const;
const wake = { demand: 'asked', completed: 'keep', intent: 7, at: AT } as const;
const fault: StartFault = { code: 'refused', message: 'cannot start', program: null, hint: null };
const restart: Reason = { code: 'restart' };
const db = given.service('db').checked();

const exits = (service: Service, exitCode: number | null, signal: string | null = null): Move =>
  onEnded(service, { ...report, type: 'exited', exitCode, signal });
const answers = (service: Service, answer: 'pass' | 'fail', message = 'said'): Move =>
  onProbe(service, { ...report, type: 'probe', question: 'health', answer, message });

const STIMULI = {
  up: (service: Service) => onWake(service, wake),
  again: (service: Service) => onWake(service, { ...wake, completed: 'again' }),
  down: (service: Service) => onRelease(service, 'none', AT),
  released: (service: Service) => onRelease(service, 'released', AT),
  'let start': (service: Service) => onStartOrder(service, AT),
  'let stop': (service: Service) => onStopOrder(service, AT),
  'replace now': (service: Service) => onReplace(service, { reason: restart, at: AT, when: 'now' }),
  'replace free': (service: Service) => onReplace(service, { reason: restart, at: AT, when: 'free' }),
  'exit 0': (service: Service) => exits(service, 0),
  'exit 1': (service: Service) => exits(service, 1),
  killed: (service: Service) => exits(service, null, 'SIGKILL'),
  'start failed': (service: Service) =>
    onEnded({ ...service, spawned: 'no' }, { ...report, type: 'start-failed', fault }),
  pass: (service: Service) => answers(service, 'pass'),
  fail: (service: Service) => answers(service, 'fail'),
  'last fail': (service: Service) => answers({ ...service, health: { ...service.health, failures: 2 } }, 'fail'),
  settle: (service: Service) => onTimer(service, { ...report, type: 'timer', timer: 'settle', at: AT }),
  startup: (service: Service) => onTimer(service, { ...report, type: 'timer', timer: 'startup', at: AT }),
  kill: (service: Service) => onTimer(service, { ...report, type: 'timer', timer: 'kill', at: AT }),
  backoff: (service: Service) => onTimer(service, { ...report, type: 'timer', timer: 'backoff', at: AT }),
  stable: (service: Service) => onTimer(service, { ...report, type: 'timer', timer: 'stable', at: AT }),
} satisfies Record<string, (service: Service) => Move>;

type Stimulus = keyof typeof STIMULI;

/** Where each thing leads a service that is wanted up (`stopping` and `stopped`: wanted down); what is not named stays. */
const LEADS: Readonly<Record<Phase, Partial<Record<Stimulus, Phase>>>> = {
  stopped: { up: 'waiting', again: 'waiting' },
  waiting: { down: 'stopped', released: 'stopped', 'let start': 'starting' },
  starting: {
    'let stop': 'stopping',
    'replace now': 'stopping',
    'exit 0': 'backoff',
    'exit 1': 'backoff',
    killed: 'backoff',
    'start failed': 'backoff',
    pass: 'ready',
    settle: 'ready',
    startup: 'stopping',
  },
  ready: {
    'let stop': 'stopping',
    'replace now': 'stopping',
    'exit 0': 'completed',
    'exit 1': 'backoff',
    killed: 'backoff',
    'start failed': 'backoff',
    'last fail': 'stopping',
  },
  stopping: { 'exit 0': 'stopped', 'exit 1': 'stopped', killed: 'stopped', 'start failed': 'stopped' },
  backoff: { up: 'waiting', again: 'waiting', down: 'stopped', released: 'stopped', backoff: 'waiting' },
  failed: { up: 'waiting', again: 'waiting' },
  completed: { up: 'waiting', again: 'waiting', down: 'stopped' },
  unknown: { 'exit 0': 'completed', 'exit 1': 'backoff', killed: 'backoff', 'start failed': 'backoff' },
};

describe('the table', () => {
  for (const phase of PHASES) {
    test(`a service in ${phase} goes where its row says, and stays otherwise`, () => {
      const service = given.state(phase, db);
      const seen: Partial<Record<Stimulus, Phase>> = {};
      for (const [name, stimulus] of Object.entries(STIMULI)) {
        const { phase: after } = stimulus(service).next;
        if (after !== phase) seen[name as Stimulus] = after;
      }
      expect(seen).toEqual(LEADS[phase]);
    });

    test(`a service in ${phase} that stays has nothing ordered, but for what the phase itself asks again`, () => {
      const service = given.state(phase, db);
      const ordered = Object.entries(STIMULI).flatMap(([name, stimulus]) => {
        const { next, effects } = stimulus(service);
        return next.phase === phase && effects.length > 0 ? [[name, effects.map(({ type }) => type)]] : [];
      });
      expect(ordered).toEqual(phase === 'stopping' ? [['kill', ['kill', 'set-timer']]] : []);
    });
  }

  test('nothing but the phases where a run may exist hears of its end', () => {
    for (const phase of ['stopped', 'waiting', 'backoff', 'failed', 'completed'] as const) {
      const service = given.state(phase, db);
      expect(exits(service, 1)).toEqual({ next: service, effects: [] });
    }
  });
});
