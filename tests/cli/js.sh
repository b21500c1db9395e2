#!/bin/sh
# SPDX-License-Identifier: MIT
# JavaScript: each tests/js/FEATURE/NAME.js prints what Node 20 printed (NAME.out).
. "$(dirname "$0")/../support/tap.sh"
for js in tests/js/*/*.js tests/js/*/*.mjs; do
  out=${js%.*}.out
  [ -f "$out" ] || continue
  (cd "$(dirname "$js")" && LUNODE_CACHE=$tmp/cache TZ=UTC timeout 60 "$LUNODE" "$(basename "$js")" > "$tmp/got" 2>&1)
  if cmp -s "$out" "$tmp/got"; then ok "$js"; else no "$js" "$(diff "$out" "$tmp/got" | head -n 20)"; fi
done

# ---- what the compiler writes, and that it means the same: tests/js/compile/run blesses
sh tests/js/compile/run "$LUNODE compile" > "$tmp/compile"
while read -r line; do
  case $line in
    "ok "*) ok "${line#ok }" ;;
    "not ok "*) no "${line#not ok }" "$(grep -A 20 -F "$line" "$tmp/compile")" ;;
  esac
done < "$tmp/compile"

# ---- lunode compile
printf 'const f = (a) => a + 1;\nconsole.log(f(1));\n' > "$tmp/app.js"
has "compile prints the Lua" "$("$LUNODE" compile "$tmp/app.js")" 'console:log('
does "and writes it" "$LUNODE" compile "$tmp/app.js" -o "$tmp/app.lua"
is "a line for a line" "$(sed -n 2p "$tmp/app.lua" | grep -c 'console:log')" 1
has "--ast shows the tree" "$("$LUNODE" compile --ast "$tmp/app.js")" "const"
does "--scope shows the scopes" "$LUNODE" compile --scope "$tmp/app.js"
printf 'let a = 1;\nlet a = ;\n' > "$tmp/bad.js"
out=$("$LUNODE" compile "$tmp/bad.js" 2>&1)
is "a refused source is exit 1" $? 1
has "with its place" "$out" "bad.js:2"
has "and a caret" "$out" "^"
# ---- no function reads its varargs where LuaJIT gets them wrong: ours, and what the compiler makes of many others
out=$(find lua compat/prelude -name '*.lua' | xargs luajit tests/support/varargs.lua)
is "varargs are read first: lua/, compat/prelude" "$out" ""
for js in tests/js/*/*.js examples/*.js; do "$LUNODE" compile "$js" -o "$tmp/$(echo "$js" | tr / _).lua" 2> /dev/null; done
out=$(luajit tests/support/varargs.lua "$tmp"/*_*.js.lua)
is "and in compiled JavaScript" "$out" ""
printf 'return function(this, ...) print(this) local a = ... return a end\n' > "$tmp/late.lua"
is "the check knows calls of Lua's own functions" "$(luajit tests/support/varargs.lua "$tmp/late.lua")" ""
printf 'return function(this, ...) this.f() local a = ... return a end\n' > "$tmp/late.lua"
has "and finds the others" "$(luajit tests/support/varargs.lua "$tmp/late.lua")" "late.lua:1: reads ... after the call"

"$LUNODE" compile > /dev/null 2>&1
is "compile without a file is exit 9" $? 9
"$LUNODE" compile --what x > /dev/null 2>&1
is "and so is an unknown option" $? 9
finish
