// The list of attacks that programs of this kind have suffered, by the numbers that the titles of tests begin with.

/** A row: what was attacked. */
interface Row {
  readonly attack: string;
}

/** All of them, by number. */
export const ROWS: Readonly<Record<number, Row>> = {
  1: { attack: 'another local user speaks to the daemon' },
  2: { attack: 'another local user claims to be somebody else' },
  3: { attack: 'a route is open to a lower role than it needs' },
  4: { attack: 'a page points its own name at the daemon (DNS rebinding)' },
  5: { attack: 'a page sends a simple request (CSRF)' },
  6: { attack: 'a page opens a web socket or a stream' },
  7: { attack: 'a page or a local server reads answers by CORS or cookies' },
  8: { attack: 'a peer of the network finds an open port' },
  9: { attack: 'a lower role walks to what is not its own' },
  10: { attack: 'a command is read by a shell' },
  11: { attack: 'somebody far away defines a service' },
  12: { attack: 'a variable changes what a program loads' },
  13: { attack: 'a name leads out of its folder' },
  14: { attack: 'a service puts a link in place of its output' },
  15: { attack: 'a service names a process to be killed' },
  16: { attack: 'a service gains rights' },
  17: { attack: 'a service speaks to the daemon' },
  18: { attack: 'output controls the terminal' },
  19: { attack: 'output is a script in a page' },
  20: { attack: 'a secret is read from an answer, a list of processes, or a disk' },
  21: { attack: 'a service inherits environment or files of the daemon' },
  22: { attack: 'a probe is turned against another host' },
  23: { attack: 'a pattern takes for ever' },
  24: { attack: 'a definition is a bomb for its parser' },
  25: { attack: 'a body is huge, slow, or not what was decided on' },
  26: { attack: 'a line never ends' },
  27: { attack: 'a service takes all memory or processes' },
  28: { attack: 'a service that fails is started over and over' },
  29: { attack: 'traces are hidden in the trail' },
  30: { attack: 'the trail cannot be written' },
  31: { attack: 'a record is forged by what somebody says' },
  32: { attack: 'a container takes the host' },
  33: { attack: 'a user number is out of range' },
  34: { attack: 'a package that is installed attacks' },
  35: { attack: 'a definition belongs to somebody else' },
};
