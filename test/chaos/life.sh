#!/bin/sh
# One random life: takes its lock, says that it begins, prints numbered lines, leaves things behind, and ends somehow.
# life.sh JOURNAL SEED [speaks]. What it does and how it ends is written to the journal, which no daemon reads.
# life.sh JOURNAL hook: a hook, which takes the same lock for a moment: it is alone, or something runs that should not.
journal=$1 seed=$2 name=$ROUSE_SERVICE run=$ROUSE_RUN
exec 9>"$journal/$name.lock"
# The lock is also held by whatever an earlier run left alive, since descriptor 9 is inherited.
if ! flock -n 9; then
  echo "$name $run ${ROUSE_HOOK:-}" >>"$journal/doubles"
  exit 99
fi
if [ "$seed" = hook ]; then
  echo "$ROUSE_HOOK $run" >>"$journal/$name.hooks"
  sleep 0.02
  exit 0
fi
echo "begin $run $$" >>"$journal/$name.runs"
dice=$(((run * 7919 + seed * 104729 + 12345) % 1000))
lines=$((dice % 40))
if [ $((dice % 13)) -eq 0 ]; then lines=3000; fi
line=0
while [ $line -lt $lines ]; do
  line=$((line + 1))
  echo "line $line of $lines"
done
case $((dice % 7)) in
  1) setsid sh -c 'sleep 300' & ;;
  2) (setsid sh -c 'trap "" TERM; sleep 300 & wait; sleep 300' &) ;;
  3) trap '' TERM ;;
esac
if [ $((dice % 3)) -ne 0 ]; then
  rest="0.$((dice % 5))$((dice % 10))"
else
  rest="$((dice % 4)).$((dice % 10))"
fi
if [ "${3:-}" = speaks ]; then
  # Says that it is ready, then that it lives, or is silent until the watchdog has had enough.
  perl -MSocket -e '
    my ($rest, $is_silent) = @ARGV;
    socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or exit;
    sub tell { send($socket, $_[0], 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) }
    tell("READY=1\nSTATUS=for $rest s");
    for (my $left = $rest; $left > 0; $left -= 0.2) { tell("WATCHDOG=1") unless $is_silent; select undef, undef, undef, 0.2 }
  ' "$rest" $((dice % 4 == 0))
else
  sleep "$rest"
fi
code=$((dice % 5 * 7))
# Written before the end: a life that is cut off between the two is told from a whole one by Rouse's own record.
if [ $((dice % 11)) -eq 0 ]; then
  echo "end $run $lines SIGKILL" >>"$journal/$name.runs"
  kill -9 $$
fi
echo "end $run $lines $code" >>"$journal/$name.runs"
exit $code
