#!/bin/sh
# SPDX-License-Identifier: MIT
# Each fuzzing target takes its seeds and some thousands of changed ones (make fuzz searches for longer).
. "$(dirname "$0")/../support/tap.sh"
here=$(dirname "$0")/..
LUNODE_LUA=$BUILD/share; export LUNODE_LUA
for target in "$BUILD"/fuzz/*; do
  [ -x "$target" ] && [ ! -d "$target" ] || continue
  name=$(basename "$target")
  seeds=$here/fuzz/seeds/$name.txt
  [ -f "$seeds" ] || seeds=$here/fixtures/${name}_node.txt
  for seed in 1 2; do does "$name survives what seed $seed makes" timeout 120 "$target" "$seeds" 5000 "$seed"; done
done
finish
