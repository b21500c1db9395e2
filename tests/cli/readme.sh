#!/bin/sh
# SPDX-License-Identifier: MIT
# The README's commands and its server do what it says. Each command in a ```sh block must be known here.
. "$(dirname "$0")/../support/tap.sh"

serve() { # NAME COMMAND…: a server that prints its address; sets port
  n=$1; shift
  : > "$tmp/out"
  "$@" > "$tmp/out" 2>&1 &
  pid=$!
  pids="$pids $pid"
  if wait_port "$tmp/out" $pid; then ok "$n starts"; else no "$n starts" "$(cat "$tmp/out")"; fi
}

awk '/^```lua$/ { on = !done; next } /^```$/ { if (on) done = 1; on = 0 } on' README.md |
  sed 's/listen(8000/listen(0/; s|console.log(.*|console.log("127.0.0.1:" .. server:address().port)|' > "$tmp/server.lua"
is "the README's server has at most 18 lines" "$([ "$(wc -l < "$tmp/server.lua")" -le 18 ] && echo yes)" yes
serve "the README's server" "$LUNODE" "$tmp/server.lua"
has "it tells the time" "$(curl http://127.0.0.1:$port/time)" '{"now":'
is "and is 404 elsewhere" "$(curl -o /dev/null -w '%{http_code}' http://127.0.0.1:$port/)" 404
kill $pid

awk '/^```lua$/ { n++; on = n == 2; next } /^```$/ { on = 0 } on' README.md |
  sed 's|^  http.createServer|  local server; server = http.createServer|; s|listen(8000)|listen(0, "127.0.0.1", function() console.log("127.0.0.1:" .. server:address().port) end)|' > "$tmp/cluster.lua"
serve "the README's cluster" "$LUNODE" "$tmp/cluster.lua"
has "a worker of it answers" "$(curl http://127.0.0.1:$port/)" "from process"
kill $pid

awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' README.md > "$tmp/commands"
while read -r line; do
  case $line in
    "make run")
      serve "make run" env PORT=0 make -s BUILD="$BUILD" run
      is "make run answers" "$(curl http://127.0.0.1:$port/)" "Hello world"
      pkill -P $pid 2>/dev/null; kill $pid 2>/dev/null ;;
    "make test") ok "make test is what runs this" ;;
    "make install PREFIX=\$HOME/.local"|"luarocks --lua-version 5.1 make --local") ok "$line: see install.sh" ;;
    "build/lunode examples/json_api.lua")
      serve "$line" env PORT=0 "$LUNODE" examples/json_api.lua
      is "it answers" "$(curl http://127.0.0.1:$port/notes)" "[]"
      kill $pid ;;
    "build/lunode examples/cluster.lua")
      serve "$line" env PORT=0 WORKERS=2 "$LUNODE" examples/cluster.lua
      has "a worker answers" "$(curl http://127.0.0.1:$port/)" "Hello from worker"
      kill $pid ;;
    "build/lunode examples/hello.js")
      serve "$line" env PORT=0 "$LUNODE" examples/hello.js
      is "it answers" "$(curl http://127.0.0.1:$port/)" "Hello world"
      kill $pid ;;
    "build/lunode compile examples/hello.js")
      has "$line" "$("$LUNODE" compile examples/hello.js 2>&1)" 'http:createServer(function(' ;;
    "build/lunode -e"*)
      has "$line" "$(eval "\"$LUNODE\" ${line#build/lunode }" 2>&1)" "v" ;;
    *) no "a command of the README is not tested: $line" ;;
  esac
done < "$tmp/commands"
for link in $(grep -ohE '\]\([A-Za-z0-9_./-]+[./][A-Za-z0-9_./-]*\)' README.md docs/*.md | tr -d '()]'); do
  case $link in http*) continue ;; esac
  [ -e "$link" ] || [ -e "docs/$link" ] || no "a link leads nowhere: $link"
done
finish
