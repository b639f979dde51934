/**
 * The shell script that stands between Rouse and every service.
 *
 * As a shim (`run`), it is the parent of one service for as long as that lives, outlives the daemon, and notes the end:
 * claim, note itself, start the service in the foreground, wait, note the status. As the launcher (`launch`), it reads
 * names of run folders and makes a shim of itself for each, so that a start costs forks of a small shell and not of a
 * daemon with its heap.
 *
 * What is not obvious in it:
 *
 * - The claim is the making of `record` under `set -C`, which is O_EXCL: of all that ever try, one gets it.
 * - The process that becomes the service notes itself by the path of the record. When the folder has been taken away it
 *   cannot, and ends; so moving the folder away fences off even a shim that has claimed and was halted there.
 * - A process that cannot read its own line although /proc is there (no descriptor is free, for one) does not go on: one
 *   that is known by its number alone could not be told from a stranger who has the number later.
 * - The service is never put into the background, because a shell makes those ignore SIGINT and SIGQUIT.
 * - Signals are trapped, not ignored, because only ignoring is inherited.
 * - A shim of the launcher must not be its child in the foreground, or the launcher would wait for it. So it is made by a
 *   process between the two, which the shim itself ends; when that one ended otherwise there is no shim, and it is said.
 * - A line with a path is no run but the program `rm`, which empties the trash; nobody waits for it.
 * - A line with a name below `.spare` is a spare (`spares.ts`): a shim and the process that will be a service, made before
 *   anybody needs them, because entering a control group may take longer than everything else. The shim works in its folder
 *   by relative names, for the folder is moved to where the run's is; the process, in its group and a session of its own,
 *   waits for the name of the run on descriptor 3. When that is closed, because the daemon is gone, no run comes of it.
 * - Events are one line `<service>/<run>` each in a file that the daemon watches; where not even that can be written, the
 *   making of an empty file there says that something has happened.
 *
 * Source: POSIX.1-2024 XCU 2.9.3.1 (asynchronous AND-OR lists), 2.12 (shell execution environment), set -C; dash, busybox ash.
 */

/** How the script is called: `sh <file> <word> <run directory> [<service>/<run>]`; by itself as `spare`, with its name. */
export const SHIM_WORDS = { run: 'run', launch: 'launch', spare: 'spare' } as const;
/** On which descriptor a spare waits for the name of its run; open in the launcher too. */
export const SPARE_FD = 3;

/** The text of the script. Shapes: POSIX sh; needs no program but the shell itself. */
export const SHIM = `# Written by Rouse at every start of its daemon; see the guide, "How services are kept".
say() {
  { printf '%s\\n' "$1" >>"$runs/.events/log" || : >"$runs/.events/\${1%%/*}.\${1##*/}"; } 2>/dev/null
}
fail() {
  printf 'failed %s\\n' "$1" >&2
  exit 125
}
note() {
  stat=
  { read -r stat </proc/self/stat; } 2>/dev/null
  [ -n "$stat" ] && return
  [ ! -e /proc/self/stat ] || fail note
  stat=$(exec /bin/sh -c 'echo "$PPID"')
}
run() {
  d=$runs/$1
  exec </dev/null >/dev/null 2>&1 3<&-
  set -C
  exec 2>"$d/record" || exit 0
  set +C
  exec 2>>"$d/record" || exit 0
  trap "say $1" EXIT
  trap : HUP INT QUIT TERM USR1 USR2 PIPE ALRM
  note
  printf 'shim %s\\n' "$stat" >&2 || exit 0
  ( trap - EXIT; . "$d/launch" )
  printf 'exit %s\\n' $? >&2
  exit 0
}
told() {
  which=$1
  { read -r which <which; } 2>/dev/null
  say "$which"
}
stand() {
  name=\${1%% *}
  group=\${1#* }
  setsid=\${group%% *}
  group=\${group#* }
  setpriv=\${group%% *}
  group=\${group#* }
  cd -P -- "$runs/$name" || exit 0
  exec </dev/null >/dev/null 2>&1
  set -C
  exec 2>record || exit 0
  set +C
  exec 2>>record || exit 0
  trap 'told "$name"' EXIT
  trap : HUP INT QUIT TERM USR1 USR2 PIPE ALRM
  note
  printf 'shim %s\\n' "$stat" >&2 || exit 0
  (
    trap - EXIT
    { echo 0 >"$group/cgroup.procs"; } 2>/dev/null || exit 125
    exec "$setsid" "$setpriv" --no-new-privs -- /bin/sh "$0" spare "$runs" "$name"
  )
  printf 'exit %s\\n' $? >&2
  exit 0
}
spare() {
  note
  say "$1 \${stat%% *}"
  read -r name which <&3 || fail fenced
  [ "$name" = "$1" ] || fail fenced
  exec 3<&-
  printf '%s\\n' "$which" >which || fail folder
  d=$runs/$which
  . "$d/launch"
}
launch() {
  while IFS= read -r which; do
    begin=run
    case $which in
      /*) "$which" -rf "$runs"/.trash.* & continue ;;
      .*) begin=stand ;;
    esac
    (
      read -r me rest </proc/self/stat
      (
        read -r own name state parent rest </proc/self/stat
        [ "$parent" = "$me" ] || exit 1
        kill -KILL "$me"
        $begin "$which"
      )
      exit 1
    )
    [ $? -eq 137 ] || say "\${which%% *}"
  done
}
runs=$2
case $1 in
  run) run "$3" ;;
  launch) launch ;;
  spare) spare "$3" ;;
esac
`;
