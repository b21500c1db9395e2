#!/bin/sh
# SPDX-License-Identifier: MIT
# Random programs print what Node prints (tests/js/random/generate.js SEED makes them again).
. "$(dirname "$0")/../support/tap.sh"

agree() {
  for seed in $(seq "$1" "$2"); do
    node "tests/js/random/generate.js" "$seed" > "$tmp/program.js" || return 1
    timeout 10 node "$tmp/program.js" > "$tmp/node" 2>/dev/null
    LUNODE_CACHE=0 timeout 10 "$LUNODE" "$tmp/program.js" > "$tmp/lunode" 2>/dev/null
    cmp -s "$tmp/node" "$tmp/lunode" || { echo "# seed $seed"; diff "$tmp/node" "$tmp/lunode" | head -5; return 1; }
  done
}

if command -v node >/dev/null; then
  does "random programs 1 to 15 print what Node prints" agree 1 15
  does "random programs 1001 to 1015 print what Node prints" agree 1001 1015
fi
finish
