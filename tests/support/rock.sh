#!/bin/sh
# SPDX-License-Identifier: MIT
# rock.sh: packs the rock from a copy of the tree, installs it into a throw-away tree, and runs a program from
# there with plain luajit and with the installed lunode. BUILD names the build folder.
set -e
cd "$(dirname "$0")/../.."
luajit tests/support/rockspec.lua
work=${BUILD:-$PWD/build}/rock
unset BUILD MAKEFLAGS MFLAGS MAKELEVEL # the rock is built as LuaRocks would anywhere
rm -rf "$work" && mkdir -p "$work/src" "$work/tree"
tar cf - --exclude=./build --exclude=./.git . | tar xf - -C "$work/src"
(cd "$work/src" && luarocks --lua-version 5.1 make --tree "$work/packed" --pack-binary-rock lunode-scm-1.rockspec) > "$work/log" 2>&1 ||
  { cat "$work/log"; exit 1; }
luarocks --lua-version 5.1 install --tree "$work/tree" "$work"/src/lunode-scm-1.*.rock >> "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cat > "$work/program.lua" <<'LUA'
local lunode = require "lunode"
local http = lunode.http
local server
server = http.createServer(function(req, res) res:finish("rock " .. req.url) end)
server:listen(0, "127.0.0.1", function()
  http.get({ port = server:address().port, host = "127.0.0.1", path = "/works" }, function(res)
    res:setEncoding("utf8")
    res:on("data", function(text) print(text) end)
    res:on("end", function() server:close() end)
  end)
end)
if not process then lunode.run() end
LUA
plain=$(LUA_PATH="$work/tree/share/lua/5.1/?.lua;$work/tree/share/lua/5.1/?/init.lua" LUA_CPATH="$work/tree/lib/lua/5.1/?.so" luajit "$work/program.lua")
own=$("$work/tree/bin/lunode" "$work/program.lua")
puc=$(command -v lua5.1 || true)
if [ -n "$puc" ]; then
  why=$(LUA_PATH="$work/tree/share/lua/5.1/?.lua;$work/tree/share/lua/5.1/?/init.lua" LUA_CPATH="$work/tree/lib/lua/5.1/?.so" "$puc" -e 'print(select(2, pcall(require, "lunode")))' 2>&1) || true
  case $why in *"needs LuaJIT"*) ;; *) echo "under PUC Lua: $why"; exit 1 ;; esac
fi
echo "luajit: $plain; lunode: $own"
[ "$plain" = "rock /works" ] && [ "$own" = "rock /works" ]
