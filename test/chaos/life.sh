#!/bin/sh
# One random life: takes its lock, says that it begins, prints numbered lines, leaves things behind, and ends somehow.
# life.sh JOURNAL SEED. What it does and how it ends is written to the journal, which no daemon reads.
journal=$1 seed=$2 name=$ROUSE_SERVICE run=$ROUSE_RUN
exec 9>"$journal/$name.lock"
# The lock is also held by whatever an earlier run left alive, since descriptor 9 is inherited.
if ! flock -n 9; then
  echo "$name $run" >>"$journal/doubles"
  exit 99
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
  sleep "0.$((dice % 5))$((dice % 10))"
else
  sleep "$((dice % 4)).$((dice % 10))"
fi
code=$((dice % 5 * 7))
# Written before the end: a life that is cut off between the two is told from a whole one by Rouse's own record.
if [ $((dice % 11)) -eq 0 ]; then
  echo "end $run $lines SIGKILL" >>"$journal/$name.runs"
  kill -9 $$
fi
echo "end $run $lines $code" >>"$journal/$name.runs"
exit $code
