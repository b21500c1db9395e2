# SPDX-License-Identifier: MIT
# Sourced by tests/cli/*.sh: TAP lines, a temporary folder in $tmp, processes in $pids killed at the end.
cd "$(dirname "$0")/../.." || exit 2
BUILD=${BUILD:-$PWD/build}
LUNODE=${LUNODE:-$BUILD/lunode}
tmp=$(mktemp -d) || exit 2
pids=
trap 'kill $pids 2>/dev/null; rm -rf "$tmp"' EXIT INT TERM
passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)); echo "ok - $1"; }
no() { failed=$((failed + 1)); echo "not ok - $1"; shift; for l in "$@"; do echo "$l" | sed 's/^/  # /'; done; }
skip() { skipped=$((skipped + 1)); echo "ok - $1 # SKIP $2"; }
# is NAME GOT WANT; has NAME TEXT PART; does NAME COMMAND [ARG ...] (exit 0)
is() { if [ "$2" = "$3" ]; then ok "$1"; else no "$1" "got: $2" "want: $3"; fi; }
has() { case $2 in *"$3"*) ok "$1" ;; *) no "$1" "got: $2" "want: …$3…" ;; esac; }
does() { n=$1; shift; if "$@" > "$tmp/does.log" 2>&1; then ok "$n"; else no "$n" "$* failed:" "$(tail -n 15 "$tmp/does.log")"; fi; }
# wait_port FILE PID: sets port to the last 127.0.0.1:PORT that a server printed there
wait_port() {
  port=
  for _ in $(seq 200); do
    port=$(sed -n 's/.*127\.0\.0\.1:\([0-9][0-9]*\).*/\1/p' "$1" | tail -n 1)
    [ -n "$port" ] && return 0
    kill -0 "$2" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}
curl() { command curl -sS --max-time 20 "$@"; }
finish() {
  if [ $skipped != 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
  [ $failed = 0 ]
}
