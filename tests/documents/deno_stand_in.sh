#!/usr/bin/env bash
# Stands in for deno and npx while the commands of a document run. Servers are ended after a moment, clients ask the
# test's own daemon, and of what takes minutes and has tests of its own only the options are checked.
set -euo pipefail

[ "$(basename "$0")" = npx ] && shift 2 # -y deno@VERSION
[ "${1-}" = task ] || exec "$REAL_DENO" "$@"
task=$2
shift 2

has() { [[ " ${arguments[*]} " == *" $1 "* ]]; }
# A server that was still starting is ended by the signal itself: 128 + 15.
briefly() {
  timeout --preserve-status --signal=TERM 2 "$REAL_DENO" task --quiet "$task" "${arguments[@]}" || { status=$? && [ $status = 143 ]; } || exit $status
  exit 0
}
arguments=("$@")
case "$task" in
  test | check) grep -q "^    \"$task\":" deno.json ;;
  demo | bench | evaluate | train | bundle | compile)
    help=$("$REAL_DENO" task --quiet "$task" --help)
    for argument in "$@"; do
      if [[ "$argument" == --* ]]; then grep -q -e "$argument" <<<"$help" || { echo "No option $argument: $task" >&2; exit 2; }; fi
    done
    ;;
  daemon | mcp | chronosd)
    if [ "$task" != chronosd ] && ! has --shm-name; then arguments+=(--shm-name "$OTHER_SHM_NAME"); fi
    if has --help || has --version || has --check-config; then exec "$REAL_DENO" task --quiet "$task" "${arguments[@]}"; fi
    briefly
    ;;
  client)
    if ! has --shm-name; then arguments+=(--shm-name "$SHM_NAME"); fi
    if has monitor && ! has --count; then arguments+=(--count 3 --interval 0.05); fi
    exec "$REAL_DENO" task --quiet "$task" "${arguments[@]}"
    ;;
  chronos-ctl)
    if has --follow; then briefly; fi
    exec "$REAL_DENO" task --quiet "$task" "${arguments[@]}"
    ;;
  *) exec "$REAL_DENO" task --quiet "$task" "${arguments[@]}" ;;
esac
