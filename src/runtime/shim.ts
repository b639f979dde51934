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
 * - Events are one line `<service>/<run>` each in a file that the daemon watches; where not even that can be written, the
 *   making of an empty file there says that something has happened.
 *
 * Source: POSIX.1-2024 XCU 2.9.3.1 (asynchronous AND-OR lists), 2.12 (shell execution environment), set -C; dash, busybox ash.
 */

/** How the script is called: `sh <file> <word> <run directory> [<service>/<run>]`. */
export const SHIM_WORDS = { run: 'run', launch: 'launch' } as const;

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
  exec </dev/null >/dev/null 2>&1
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
launch() {
  while IFS= read -r which; do
    case $which in
      /*) "$which" -rf "$runs"/.trash.* & continue ;;
    esac
    (
      read -r me rest </proc/self/stat
      (
        read -r own name state parent rest </proc/self/stat
        [ "$parent" = "$me" ] || exit 1
        kill -KILL "$me"
        run "$which"
      )
      exit 1
    )
    [ $? -eq 137 ] || say "$which"
  done
}
runs=$2
case $1 in
  run) run "$3" ;;
  launch) launch ;;
esac
`;
