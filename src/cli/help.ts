/** `rouse help`: all verbs, or a topic. `rouse help VERB` is answered by `main`, which can load the verb. */
import { nearest } from '../model/nearest.ts';
import { usage } from './options.ts';
import { TOPICS, overview } from './render/help.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';
import { VERBS } from './verbs.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[topic]',
  examples: [
    ['rouse help up', 'help on a verb'],
    ['rouse help exit-codes', 'a topic: flags, exit-codes, environment, files, json, states, colors'],
  ],
  flags: [],
  exits: [[0, 'printed']],
  run,
};

function run(session: Session, { args }: Input): Promise<number> {
  const [name] = args;
  const { style } = session.out;
  if (name === undefined) printLines(session, overview(style));
  else {
    const topic = TOPICS.find((candidate) => candidate.name === name);
    if (topic === undefined) throw noTopic(name);
    printLines(session, topic.lines(style));
  }
  return Promise.resolve(0);
}

function noTopic(name: string): Error {
  const known = [...TOPICS.map((topic) => topic.name), ...VERBS.map((row) => row.name)];
  const near = nearest(name, known);
  const topics = TOPICS.map((topic) => topic.name).join(', ');
  return usage(
    `cannot help with "${name}": it is neither a verb nor a topic`,
    near === null ? `topics: ${topics}` : `did you mean "${near}"?`,
  );
}
