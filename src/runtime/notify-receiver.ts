/**
 * The process that keeps what a service says of itself, because Node has no datagram sockets of this kind.
 *
 * One for each run that may speak. It is started before the run, so that no word comes too early, and is neither the
 * daemon's nor the run's: it outlives the first and is no member of the second. It binds the socket that `NOTIFY_SOCKET`
 * names and writes into the folder of the run, so that nothing is lost while no daemon lives:
 *
 * | file          | holds                                                                                          |
 * |---------------|------------------------------------------------------------------------------------------------|
 * | `notify`      | one line a word: number, monotonic ms, sender, key, value; written anew when it becomes long     |
 * | `beat`        | the last `WATCHDOG=1` of up to eight senders: monotonic ms and sender, in lines of 32 bytes      |
 * | `notify.pid`  | its process id and start time                                                                    |
 *
 * It ends some seconds after the folder has gone, or after the run's end was noted there. Who speaks without pause is
 * made to wait, as any sender to a full socket is. Source: sd_notify(3), unix(7) SO_PASSCRED, recvmsg(2), cmsg(3).
 */
import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { StartFault } from '../model/reason.ts';
import { type Identity, isAlive, signalProcess } from './process-group.ts';

/** The file of words, in the folder of a run. */
export const NOTIFY_FILE = 'notify';
/** The file of signs of life. */
export const BEAT_FILE = 'beat';
/** The socket itself. */
export const NOTIFY_SOCKET = 'notify.sock';

/** Numbers of recvmsg and clock_gettime. Elsewhere senders are unknown, and the mode of the socket alone decides. */
const CALLS: Readonly<Record<string, readonly [number, number]>> = { x64: [47, 228], arm64: [212, 113] };

/** What a receiver is started with. `folder` is there; `perl` is absolute. */
export interface ReceiverOrder {
  readonly perl: string;
  readonly folder: string;
  /** Shown by ps(1). */
  readonly title: string;
  /** Who may send, where that is another user than this program's; null = the same. */
  readonly sender: number | null;
}

/**
 * Resolves once the socket is bound, or with why it is not. Never rejects. Costs the daemon one spawn. In the place of one
 * that has died it goes on: words that were kept stay, and who sends to the path of the socket is heard again.
 */
export function startReceiver({ perl, folder, title, sender }: ReceiverOrder): Promise<StartFault | null> {
  const { promise, resolve } = Promise.withResolvers<StartFault | null>();
  const [receive, time] = CALLS[process.arch] ?? [0, 0];
  // Its environment is empty: the run's cookie in it would make it a member of the run.
  const child = spawn(perl, ['-e', RECEIVER, folder, title, String(receive), String(time), String(sender ?? '')], {
    cwd: folder,
    env: { NODE_V8_COVERAGE: undefined },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdout.on('error', () => undefined);
  child.stdout.once('close', () => resolve(said === 'bound\n' ? null : fault(said.trim())));
  child.once('error', (cause) => resolve(fault(cause.message)));
  child.unref();
  return promise;
}

/**
 * Ends the receiver of a run that is over, where one is left. Never throws. The service may write to the folder what it
 * likes, so whoever is named there is only believed to be the receiver when the folder is where it works.
 */
export function endReceiver(folder: string): void {
  const receiver = receiverOf(folder);
  if (receiver !== null && worksIn(receiver, folder)) signalProcess(receiver, 'SIGTERM');
}

function worksIn({ pid }: Identity, folder: string): boolean {
  try {
    const [own, its] = [statSync(folder), statSync(`/proc/${pid}/cwd`)];
    return own.dev === its.dev && own.ino === its.ino;
  } catch {
    // One of them has gone.
    return false;
  }
}

/** Whether the receiver of a run lives. Never throws. */
export function isReceiving(folder: string): boolean {
  const receiver = receiverOf(folder);
  return receiver !== null && isAlive(receiver);
}

function receiverOf(folder: string): Identity | null {
  try {
    const text = readFileSync(join(folder, 'notify.pid'), 'latin1');
    const [, pid, startTime] = /^(\d{1,10}) (\d{1,20})\n$/.exec(text) ?? [];
    return pid === undefined || startTime === undefined ? null : { pid: Number(pid), startTime };
  } catch {
    // It never was, or its folder has gone: then it ends by itself.
    return null;
  }
}

function fault(cause: string): StartFault {
  const message = `cannot listen to what it says of itself: ${cause === '' ? 'the receiver ended' : cause}`;
  return { code: 'refused', message, program: 'perl', hint: null };
}

const RECEIVER = String.raw`
use strict;
my ($folder, $title, $recvmsg, $gettime, $user) = @ARGV;
$0 = $title;
sub shut { open(my $other, '<&=', $_[0]) or return; close $other }
sub give_up { syswrite STDOUT, "$_[0]: $!\n"; exit 1 }
# Descriptors that came along belong to others.
opendir my $list, '/proc/self/fd';
for my $fd (grep { /^\d+$/ && $_ > 2 } readdir $list) { shut($fd) }
$SIG{PIPE} = $SIG{HUP} = $SIG{INT} = 'IGNORE';
umask 0177;
chdir $folder or give_up('folder');
my $again = -e 'notify';
unlink 'notify.sock', 'beat', 'notify.next' if $again;
socket(my $socket, 1, 2, 0) or give_up('socket');
bind($socket, pack('S a*', 1, "notify.sock\0")) or give_up('bind');
chown($user, -1, 'notify.sock') or give_up('owner') if $user ne '';
umask 0077;
setsockopt($socket, 1, 16, pack('i', 1));
my $number = 0;
if ($again) {
  give_up('notify') if -l 'notify' || !-f _;
  open(my $kept, '<', 'notify') or give_up('notify');
  while (<$kept>) { $number = $1 if /^(\d+) / && $1 > $number }
}
sysopen(my $words, 'notify', 01 | 02000 | ($again ? 0 : 0100 | 0200), 0600) or give_up('notify');
sysopen(my $beats, 'beat', 02 | 0100 | 0200, 0600) or give_up('beat');
my ($stat) = do { open(my $own, '<', '/proc/self/stat'); <$own> =~ /.*\) (.*)/ };
if (open my $pid, '>', 'notify.pid') { print $pid $$, ' ', (split / /, $stat)[19], "\n"; close $pid }
my $identity = join ' ', (stat $words)[0, 1];
syswrite STDOUT, "bound\n";
close STDOUT; open STDOUT, '>', '/dev/null';

# A buffer that is written to from outside must be nobody else's, which a copied string may be.
my ($text, $control, $moment) = ('', '', '');
vec($text, 4095, 8) = 0; vec($control, 1023, 8) = 0; vec($moment, 15, 8) = 0;
my $wide = length(pack 'P', $text) == 8;
my $part = $wide ? pack('P Q', $text, 4096) : '';
my ($budget, $filled) = (200, -s $words);
my (%slot, @order);

sub monotonic {
  if ($gettime && syscall($gettime, 1, $moment) == 0) { my ($s, $ns) = unpack 'q q', $moment; return $s * 1000 + $ns / 1e6 }
  open(my $up, '<', '/proc/uptime') or return 0;
  return 1000 * (split / /, <$up>)[0];
}

sub receive {
  if (!$recvmsg || !$wide) {
    my $got;
    return unless defined recv($socket, $got, 4097, 0);
    return (0, length($got) > 4096 ? '' : $got);
  }
  my $head = pack('Q L x4 P Q P Q i x4', 0, 0, $part, 1, $control, 1024, 0);
  my $length = syscall($recvmsg, fileno $socket, $head, 0x40000000);
  return if $length < 0;
  my ($size, $flags) = unpack 'x40 Q i', $head;
  my ($sender, $at) = (0, 0);
  while ($at + 16 <= $size) {
    my ($long, $level, $type) = unpack 'Q i i', substr $control, $at, 16;
    last if $long < 16 || $at + $long > $size;
    my $content = substr $control, $at + 16, $long - 16;
    ($sender) = unpack 'i', $content if $level == 1 && $type == 2;
    # What BARRIER=1 hands over is a pipe that is only to be closed.
    if ($level == 1 && $type == 1) { shut($_) for unpack 'i*', $content }
    $at += ($long + 7) & ~7;
  }
  return ($sender, $flags & 0x20 ? '' : substr $text, 0, $length);
}

sub put {
  my ($line) = @_;
  my $done = 0;
  while ($done < length $line) {
    my $more = syswrite $words, $line, length($line) - $done, $done;
    $done += $more || 0;
    next if $more;
    # A full disk: the sender waits until there is room, and nothing is lost.
    exit unless is_wanted();
    select undef, undef, undef, 0.2;
  }
  $filled += $done;
}

sub beat {
  my ($sender) = @_;
  if (!exists $slot{$sender}) {
    my $place = @order < 8 ? scalar @order : delete $slot{shift @order};
    $slot{$sender} = $place;
    push @order, $sender;
  }
  sysseek $beats, 32 * $slot{$sender}, 0;
  syswrite $beats, sprintf "%020.3f %010d\n", monotonic(), $sender;
}

sub keep {
  my ($sender, $message) = @_;
  my $lines = '';
  for (split /\n/, $message) {
    next unless /^([A-Z_]+)=(.*)/s;
    my ($key, $value) = ($1, $2);
    if ($key eq 'WATCHDOG' && $value eq '1') { beat($sender); next }
    if ($key eq 'STATUS') { $value = substr $value, 0, 1024; $value =~ s/([\x00-\x1f\x7f\\])/sprintf '\\x%02x', ord $1/ge }
    elsif ($key =~ /^(?:READY|RELOADING|STOPPING)$/) { next unless $value eq '1' }
    elsif ($key eq 'WATCHDOG') { next unless $value eq 'trigger' }
    elsif ($key eq 'MAINPID' || $key eq 'EXTEND_TIMEOUT_USEC') { next unless $value =~ /^\d{1,19}$/ }
    else { next }
    $lines .= sprintf "%d %.3f %d %s %s\n", ++$number, monotonic(), $sender, $key, $value;
  }
  put($lines) if $lines ne '';
  shorten() if $filled > 262144;
}

# Keeps the last word of each kind of each sender, of the senders that spoke last.
sub shorten {
  open my $all, '<', 'notify' or return;
  my %last;
  while (<$all>) { my ($n, undef, $sender, $key) = split / /; $last{"$sender $key"} = [$n, $_] }
  my @kept = sort { $a->[0] <=> $b->[0] } values %last;
  splice @kept, 0, @kept - 128 if @kept > 128;
  unlink 'notify.next';
  sysopen(my $fresh, 'notify.next', 01 | 0100 | 02000 | 0200, 0600) or return;
  my $lines = join '', map { $_->[1] } @kept;
  return unless (syswrite($fresh, $lines) || 0) == length $lines;
  rename 'notify.next', 'notify' or return;
  ($words, $filled, $identity) = ($fresh, length $lines, join ' ', (stat $fresh)[0, 1]);
}

sub is_over { open(my $record, '<', 'record') or return; return grep { /^exit / } <$record> }
sub is_wanted { return join(' ', (stat 'notify')[0, 1]) eq $identity }

for (;;) {
  my $ready = '';
  vec($ready, fileno $socket, 1) = 1;
  my $found = select $ready, undef, undef, 5;
  if ($found > 0) {
    my ($sender, $message) = receive();
    keep($sender, $message) if defined $message;
    # Two hundred at once, a hundred a second from then on.
    if (--$budget <= 0) { select undef, undef, undef, 0.01; $budget = 1 }
    next;
  }
  $budget = 200;
  last if $found == 0 && (!is_wanted() || is_over());
}
`;
