/** What each error code means and what helps: the page that `rouse explain RSEnnnn` prints. */
// breaks file-length: a page for each code; it is read by searching, not from the top.
import { ERRORS, type ErrorCode } from '../../model/errors.ts';
import { type Style, paint } from './style.ts';

/** What it means, and what to do. */
type Page = readonly [meaning: string, remedy: string];

const PAGES: Readonly<Record<ErrorCode, Page>> = {
  RSE0101: [
    'No definition file was found here or in a folder above.',
    'Write one with `rouse init`, or name one: -f FILE. A running project is reached from anywhere with -p NAME.',
  ],
  RSE0102: [
    'A folder holds two definition files, and neither is meant more than the other.',
    'Remove one, or name the one you mean: -f FILE.',
  ],
  RSE0103: ['A file cannot be read, or is not UTF-8 text.', 'Check the path in the message and its permissions.'],
  RSE0104: ['A definition file is larger than 1 MiB.', 'Split it and name the parts under `include`.'],
  RSE0105: [
    'The file is not well-formed TOML, YAML or JSON, or its script failed.',
    'Mend the place that the message points at.',
  ],
  RSE0106: [
    'As root, a definition that others can write would let them run programs as root.',
    'Make root own the file and its folder, writable by nobody else; or run Rouse as their owner.',
  ],
  RSE0107: [
    'The command line has a flag, a word or a value that Rouse does not know.',
    'See `rouse help`, or -h at the end of the line.',
  ],
  RSE1101: ['A value is of another type than its key takes.', 'See what the key takes: rouse explain services.KEY.'],
  RSE1102: ['A value is outside its range.', 'See the range: rouse explain services.KEY.'],
  RSE1103: [
    'A key that is needed is missing.',
    'Add it; each service needs one of command, start_command or external.',
  ],
  RSE1104: [
    'A key has no meaning to Rouse; it is probably a slip.',
    'Rename it as suggested. Your own keys go under labels or begin with x-.',
  ],
  RSE1105: [
    'The key is known, and this version does not carry it out yet.',
    'Take it out; it is refused rather than ignored.',
  ],
  RSE1106: ['Two keys of one service contradict each other.', 'Keep one of them.'],
  RSE1107: [
    'A command uses shell syntax, and commands run without a shell.',
    'Set shell = true, or make it several tasks and services.',
  ],
  RSE1108: [
    'A command cannot be split into words, e.g. a quote is not closed.',
    'Close the quote, or write the command as a list of words.',
  ],
  RSE1109: [
    'A service name may have lower-case letters, digits and . _ -, begins with a letter and has at most 63 characters.',
    'Rename the service.',
  ],
  RSE1110: ['The name has a meaning of its own in commands and addresses.', 'Rename the service.'],
  RSE1111: ['A duration or size needs its unit, as in 500ms, 1m30s, 50MiB.', 'Write the unit with the number.'],
  RSE1112: [
    'A variable has a name that cannot be, or one that changes which code a program loads.',
    'Rename it, or allow it by name: allow_loader_env.',
  ],
  RSE1113: [
    'An address is malformed, or leads where checks may not go.',
    'Write http://host:port/path, tcp://host:port or dns://server/name.',
  ],
  RSE1114: [
    'A pattern is no regular expression in RE2 syntax, or is too long.',
    'Mend it; RE2 has no look-around and no back-references.',
  ],
  RSE1115: ['Two services have the same name.', 'Rename one of them.'],
  RSE1116: ['A definition may have 10 000 services and 1 000 files.', 'Split it into several projects.'],
  RSE1117: ['A key stands twice in one table.', 'Remove one of them.'],
  RSE1118: [
    'A value that looks like a secret stands in the definition for all to read.',
    'Write ${NAME} and set it in the environment or in .env.',
  ],
  RSE1119: [
    'A schedule is not a cron text, or its time zone is not known here.',
    'Write minute, hour, day, month and weekday, e.g. "30 3 * * mon-fri", or a name such as @daily.',
  ],
  RSE1120: [
    'The key is a rule of what is allowed at all, and such rules are not taken from a document of the API.',
    'Write it into the file that the daemon loads, or into /etc/rouse/config.toml.',
  ],
  RSE1121: [
    'The list of commands that may run does not name this one.',
    'Use a command of the list, or add it: security.commands in the file of the rules.',
  ],
  RSE1122: [
    'The daemon runs as root and asks that every process says as whom it runs.',
    'Add user = "NAME"; user = "root" must be typed out as well.',
  ],
  RSE1123: [
    'The user or the group is not known here, or the daemon may not take it because it is not root.',
    'Name one of this machine; `rouse doctor` says what can be had.',
  ],
  RSE1124: [
    'A definition that came through the API asks for a shell, for root, or for what lies on other machines.',
    'Write it into a file that the daemon loads, or allow it in the rules: security.api_definitions.',
  ],
  RSE1201: [
    'Services wait for each other in a circle, so none could ever start.',
    'Remove one of the edges that the message lists.',
  ],
  RSE1202: ['A service needs itself.', 'Take its name out of its own depends_on.'],
  RSE1203: ['A service depends on one that is not there.', 'Correct the name, or declare the service.'],
  RSE1204: [
    'A dependency can never be as the edge asks, e.g. a service that never ends is to be completed.',
    'Use a condition that fits: ready, started, completed or ended.',
  ],
  RSE1205: ['`use` names a template that is not there.', 'Correct the name, or declare it under templates.'],
  RSE1206: [
    'A service can never be up: it requires a service that it conflicts with, or two that conflict with each other.',
    'Remove the conflict, or one of the dependencies.',
  ],
  RSE1301: ['A ${…} is not well-formed.', 'Write ${NAME}, ${NAME:-default} or ${NAME:?message}; a dollar sign is $$.'],
  RSE1302: [
    'A variable that the definition asks for is not set.',
    'Set it in the environment or in .env, or give a default: ${NAME:-default}.',
  ],
  RSE1400: ['The definition has several problems; nothing was loaded.', 'See all of them: rouse validate.'],
  RSE2101: [
    'The program of a command is not there.',
    'Correct its name or path; the PATH of the daemon is shown by `rouse daemon status`.',
  ],
  RSE2102: ['The process ended before the service was ready.', 'Read its last lines: rouse logs NAME --previous.'],
  RSE2103: [
    'The process runs, and its check did not pass in time.',
    'See what was answered: rouse checks NAME. Give it longer: start_timeout, health.retries.',
  ],
  RSE2104: [
    'A start command ended with another exit code than 0, or did not end in time.',
    'Read its output: rouse logs NAME.',
  ],
  RSE2105: [
    'Something that the service needs has failed; the service comes up by itself when that does.',
    'Mend the cause: rouse explain NAME.',
  ],
  RSE2106: [
    'The service ended so often that it is not started again by itself.',
    'See why it ends: rouse logs NAME --previous. Then: rouse start NAME.',
  ],
  RSE2107: [
    'Something of the service survived even SIGKILL, usually stuck in the kernel.',
    'Look at the processes named; it is not started again while they live.',
  ],
  RSE2108: [
    'A .nu script is to run, and Nushell was not found.',
    'Install nu, or set its path: orchestrator.services.nu_path.',
  ],
  RSE2109: ['The service could not be started; the message says why.', 'See: rouse explain NAME.'],
  RSE2110: ['More than one service failed.', 'Each has a block of its own above; begin with the first.'],
  RSE2111: [
    'A later request took the place of this one.',
    'Nothing is wrong; see what was asked since: rouse changes.',
  ],
  RSE2113: [
    'The program is there and may not be executed, or is not in a form that can be.',
    'See its mode: ls -l PROGRAM; make it executable: chmod +x PROGRAM.',
  ],
  RSE2112: ['The service runs, and its check fails.', 'See what it answers: rouse checks NAME.'],
  RSE2114: [
    'The daemon runs as root, and the program or a folder on the way to it can be changed by others.',
    'Make root or the user of the service own it, writable by nobody else; or name another program.',
  ],
  RSE2115: [
    'The file of a secret cannot be read, can be read by others, or its text cannot be handed over.',
    'Let the user of the daemon own the file, with mode 0600 or 0400.',
  ],
  RSE2116: [
    'The sandbox, the network or the limits that the service asks for cannot be had on this machine.',
    'See what can be had: rouse doctor. Or ask for less: sandbox = "default".',
  ],
  RSE2201: [
    'The time to wait was over; services go on.',
    'Look again: rouse ps. Wait longer: --wait-timeout, --timeout.',
  ],
  RSE3001: [
    'Nobody listens for this project: it was not brought up, or its daemon has ended.',
    'Bring it up: rouse up -d. Looking never starts a daemon.',
  ],
  RSE3002: ['The daemon cannot be spoken to.', 'Check the user that it runs as, and ROUSE_RUNTIME_DIR.'],
  RSE3003: ['The daemon was started and did not come to listen.', 'Read what it said: rouse daemon logs.'],
  RSE3004: [
    'What answers is not a daemon of this version.',
    'Compare `rouse version` and `rouse daemon status`; restart the daemon.',
  ],
  RSE3005: ['The path of a socket may have 107 bytes.', 'Set ROUSE_RUNTIME_DIR to a shorter folder.'],
  RSE3006: [
    'A folder that must belong to you alone does not.',
    'chmod 700 the folder named, or set ROUSE_RUNTIME_DIR.',
  ],
  RSE3007: ['The daemon is on its way down.', 'Try again when it is gone: rouse up.'],
  RSE3008: [
    'History and state cannot be written, so nothing new is started.',
    'Make room on the disk of the state folder, or mend its permissions.',
  ],
  RSE3009: [
    'A listener beyond this machine needs a certificate and at least one token.',
    'Give --tls-cert and --tls-key and make a token: rouse token new NAME --role admin. Or listen on 127.0.0.1.',
  ],
  RSE3010: [
    'The daemon that runs listens elsewhere than this command asks for.',
    'End it and start it anew with the other address: rouse daemon restart --listen ADDRESS:PORT.',
  ],
  RSE4001: ['No service has this name.', 'See those that there are: rouse ps.'],
  RSE4002: ['No change has this number.', 'See those that there are: rouse changes.'],
  RSE4003: ['There is nothing at this address.', 'See the routes: /openapi.json.'],
  RSE4004: ['The address does not take this method.', 'See the routes: /openapi.json.'],
  RSE4005: [
    'Something that runs depends on the service.',
    'Stop that too: rouse stop NAME --deps. Leave it: --no-deps.',
  ],
  RSE4006: [
    'manager_enabled = false: nothing may be changed.',
    'Set it to true at the place named, and load the file again.',
  ],
  RSE4007: [
    'auto_start_dependencies = false, and a dependency is not running.',
    'Start it first, or: rouse start NAME --deps.',
  ],
  RSE4008: ['The daemon holds processes that would be lost.', 'End them too: rouse down.'],
  RSE4009: ['Another change works on these services.', 'Wait for it, or end it: rouse changes.'],
  RSE4010: [
    'A project of this name runs from another file.',
    'Give one of them another name, or stop the other: rouse down -p NAME.',
  ],
  RSE4011: ['A question has to be answered, and nobody can.', 'Answer by the flag that the message names.'],
  RSE4012: ['Somebody changed the definition since it was read.', 'Read it again and make the change on that.'],
  RSE4013: ['Replacing the definition needs an If-Match header.', 'Send the ETag of GET /api/v1/definition.'],
  RSE4014: ['An external service is watched, never started or stopped.', 'Stop it where it is held.'],
  RSE4015: ['Another daemon holds the project.', 'Speak to that one, or end it: rouse down.'],
  RSE4016: [
    'Two of the services that were asked for conflict: they are never up together.',
    'Ask for one of them; starting it stops the other.',
  ],
  RSE4017: [
    'A person has pinned the service up or down, and the request wants the contrary.',
    'Take the pin away first: rouse unpin NAME.',
  ],
  RSE4018: [
    'Processes of an earlier run of the service outlived SIGKILL; a second run beside them would be a double.',
    'It may be started as soon as they have gone: rouse status NAME says what they wait for.',
  ],
  RSE4019: [
    'Only a running process can be sent a signal; this service has none now, or none of its own.',
    'Start it: rouse start NAME. What another manager runs takes its signals from there.',
  ],
  RSE4020: [
    'The service has no command of its own that could be run: it is external, command-managed, or a function.',
    'Say what to run in its surroundings: rouse exec NAME -- COMMAND',
  ],
  RSE4101: ['The request cannot be read.', 'Send well-formed JSON.'],
  RSE4102: ['The request has unknown or wrong members.', 'See the schema: /openapi.json.'],
  RSE4103: ['The body is too large.', 'See the limits: GET /api/v1/system.'],
  RSE4104: ['Only application/json is taken.', 'Set the content-type.'],
  RSE4105: ['The Host header names another host.', 'Use the address that the daemon listens on.'],
  RSE4106: ['A web page of another origin sent the request.', 'Use the command line or the daemon’s own pages.'],
  RSE4107: ['The Idempotency-Key belongs to an earlier request with another body.', 'Use a fresh key.'],
  RSE4108: ['The address is too long.', 'Name fewer services in one request.'],
  RSE4109: ['The headers are too large.', 'Send fewer or shorter headers.'],
  RSE4110: ['A request with this Idempotency-Key is still going on.', 'Wait for its answer.'],
  RSE4111: [
    'The definition is reloaded over and over, more often than anybody could want it.',
    'Find out who does it: rouse events',
  ],
  RSE4112: [
    'A listener on an address answers only with a credential, and this one is missing, unknown or over.',
    'Make one on the machine of the daemon: rouse token new NAME --role viewer. Send it as Authorization: Bearer.',
  ],
  RSE4113: ['The role of this socket or token does not allow it.', 'Use one with a greater role.'],
  RSE4114: ['The token reaches some services, and this one is none of them.', 'Use a token that reaches it.'],
  RSE4115: ['More requests came than are answered to one caller.', 'Wait as long as the answer says (retry-after).'],
  RSE4116: [
    'Too many wrong credentials came from that address within a minute.',
    'Wait as long as the answer says (retry-after), then send a valid one.',
  ],
  RSE4117: ['Too many streams are open for one caller.', 'Close one of them.'],
  RSE4118: [
    'Definitions are not taken over a listener beyond this machine, whoever sends them.',
    'Send them over the socket, or allow it in the rules: security.remote_definitions.',
  ],
  RSE4119: [
    'What cannot be put on record is not done: the audit trail cannot be written.',
    'Mend what the message names, e.g. make room on the disk. Services are looked after meanwhile.',
  ],
  RSE4120: ['There is no token of that name or id.', 'See which there are: rouse token ls.'],
  RSE4121: ['Another valid token has that name.', 'Choose another name, or revoke that one.'],
  RSE4122: [
    'Records of the audit trail were changed, removed, reordered, or cut off.',
    'See the place that the message names, and compare it with anchors kept elsewhere.',
  ],
  RSE9001: [
    'Something that cannot be has happened: a bug in Rouse.',
    'Please report it with the message and `rouse version`.',
  ],
};

/** Whether a word is a code of the table, in either case. */
export function codeOf(word: string): ErrorCode | null {
  const code = word.toUpperCase();
  return isCode(code) ? code : null;
}

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** The page of a code as one record, for `--json`. */
export function errorPage(code: ErrorCode): {
  readonly code: ErrorCode;
  readonly title: string;
  readonly meaning: string;
  readonly remedy: string;
  readonly exit_code: number;
  readonly http_status: number;
} {
  const { title, exit, status } = ERRORS[code];
  const [meaning, remedy] = PAGES[code];
  return { code, title, meaning, remedy, exit_code: exit, http_status: status };
}

/** The page of a code. */
export function errorPageScreen(code: ErrorCode, style: Style): string[] {
  const page = errorPage(code);
  return [
    paint(style, 'strong', `${code}: ${page.title}`),
    '',
    `  ${page.meaning}`,
    `  ${page.remedy}`,
    '',
    `  exit code ${page.exit_code}, HTTP status ${page.http_status}`,
  ];
}
