#!/bin/sh
# SPDX-License-Identifier: MIT
# make install, make rock and make dist, each from a copy of the tree, give a Lunode that runs.
. "$(dirname "$0")/../support/tap.sh"
if [ -n "$LUNODE_ASAN" ]; then skip "installing" "the build under test is the sanitizers'"; finish; exit; fi

echo 'console.log("ran " .. arg[1])' > "$tmp/p.lua"
does "make install works" make BUILD="$BUILD" PREFIX="$tmp/prefix" install
is "the installed command runs" "$(cd "$tmp" && prefix/bin/lunode p.lua well)" "ran well"
has "the editor's stubs come along" "$(cat "$tmp/prefix/share/lunode/library/path.lua")" "function M.basename("
share=$tmp/prefix/share/lua/5.1
is "plain luajit finds the library" \
  "$(LUA_PATH="$share/?.lua;$share/?/init.lua" LUA_CPATH="$tmp/prefix/lib/lua/5.1/?.so" luajit -e '
    local lunode = require "lunode"
    lunode.setTimeout(function() print("timer") end, 1)
    lunode.run()')" timer
mkdir -p "$share" && echo 'return { name = "a rock" }' > "$share/rocky.lua"
is "the installed command finds modules of its own tree" "$(cd "$tmp" && prefix/bin/lunode -p 'require("rocky").name')" "a rock"
does "the rockspec lists every file" luajit tests/support/rockspec.lua
does "make rock packs, installs and runs" make BUILD="$BUILD" rock
does "make dist packs a release" make BUILD="$BUILD" dist
mkdir "$tmp/dist" && tar xzf "$BUILD"/lunode-*.tar.gz -C "$tmp/dist"
(unset BUILD MAKEFLAGS MFLAGS; cd "$tmp"/dist/lunode-* && make LLHTTP_DIR=llhttp -j2) > "$tmp/dist.log" 2>&1
is "which builds with the llhttp inside it" "$("$tmp"/dist/lunode-*/build/lunode "$tmp/p.lua" "from dist" 2>&1 || tail -n 5 "$tmp/dist.log")" "ran from dist"
out=$(LUNODE_NO_INSTALL=1 LLHTTP_DIR=/nonexistent make BUILD="$tmp/none" 2>&1)
has "what is missing is named with the command that installs it" "$out" "missing: node-llhttp - install with: sudo apt-get install"
finish
