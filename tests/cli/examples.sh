#!/bin/sh
# SPDX-License-Identifier: MIT
# Every example runs and does what its first lines say. Real servers, curl as the client.
. "$(dirname "$0")/../support/tap.sh"

# start NAME [ARG ...]: runs it on a free port; sets port and pid
start() {
  name=$1; shift
  mkdir -p "$(dirname "$tmp/$name.out")"
  : > "$tmp/$name.out"
  file=examples/$name.lua
  [ -f "$file" ] || file=examples/$name
  PORT=0 LUNODE_CACHE=$tmp/cache "$LUNODE" "$file" "$@" > "$tmp/$name.out" 2>&1 &
  pid=$!
  pids="$pids $pid"
  wait_port "$tmp/$name.out" $pid && return 0
  no "$name starts" "$(cat "$tmp/$name.out")"
  return 1
}

if start hello; then
  is "hello answers" "$(curl http://127.0.0.1:$port/)" "Hello world"
  kill $pid; wait $pid 2>/dev/null
  is "hello dies of SIGTERM as Node does" $? 143
fi

if start json_api; then
  u=http://127.0.0.1:$port/notes
  is "the API starts empty" "$(curl $u)" "[]"
  is "it makes a note" "$(curl -d '{"text":"milk \"2%\""}' $u)" '{"id":1,"text":"milk \"2%\""}'
  has "it says where" "$(curl -D - -o /dev/null -d '{"text":"bread"}' $u)" "Location: /notes/2"
  is "it changes one" "$(curl -X PUT -d '{"text":"oats"}' $u/2)" '{"id":2,"text":"oats"}'
  is "it deletes one" "$(curl -o /dev/null -w '%{http_code}' -X DELETE $u/1)" 204
  is "it lists" "$(curl $u)" '[{"id":2,"text":"oats"}]'
  is "a missing one is 404" "$(curl -o /dev/null -w '%{http_code}' $u/1)" 404
  is "a wrong method is 405" "$(curl -o /dev/null -w '%{http_code}' -X DELETE $u)" 405
  is "broken JSON is 400" "$(curl -o /dev/null -w '%{http_code}' -d '{"text"' $u)" 400
  head -c 100000 /dev/zero | tr '\0' x > "$tmp/large"
  is "a large body is 413" "$(curl -o /dev/null -w '%{http_code}' --data-binary @"$tmp/large" $u)" 413
fi

mkdir "$tmp/www" && head -c 3000000 /dev/urandom > "$tmp/www/data.bin" && echo secret > "$tmp/secret"
if start static_files "$tmp/www"; then
  u=http://127.0.0.1:$port
  curl -o "$tmp/got" $u/data.bin
  is "a file arrives whole" "$(cmp "$tmp/got" "$tmp/www/data.bin" && echo same)" same
  is "a range is a range" "$(curl -r 1000-1999 $u/data.bin | cksum)" "$(tail -c +1001 "$tmp/www/data.bin" | head -c 1000 | cksum)"
  is "a range outside is 416" "$(curl -o /dev/null -w '%{http_code}' -r 9000000- $u/data.bin)" 416
  tag=$(curl -I $u/data.bin | sed -n 's/^ETag: \(.*\)\r$/\1/p')
  is "an unchanged file is 304" "$(curl -o /dev/null -w '%{http_code}' -H "If-None-Match: $tag" $u/data.bin)" 304
  is "the folder is not left" "$(curl --path-as-is -o /dev/null -w '%{http_code}' "$u/../secret")" 403
  is "nor through escapes" "$(curl --path-as-is -o /dev/null -w '%{http_code}' "$u/%2e%2e/secret")" 403
  is "a missing file is 404" "$(curl -o /dev/null -w '%{http_code}' $u/none)" 404
fi
if start static_files; then has "its own page is there" "$(curl http://127.0.0.1:$port/)" "streamed from a file"; fi

mkdir "$tmp/up"
if start upload "$tmp/up"; then
  is "an upload is counted" "$(curl -T "$tmp/www/data.bin" http://127.0.0.1:$port/data.bin)" "data.bin: 3000000 bytes"
  is "and kept as it was" "$(cmp "$tmp/up/data.bin" "$tmp/www/data.bin" && echo same)" same
  is "a bad name is refused" "$(curl --path-as-is -o /dev/null -w '%{http_code}' -T "$tmp/secret" http://127.0.0.1:$port/a%2fb)" 400
fi

if start proxy "http://127.0.0.1:1"; then
  is "a dead target is 502" "$(curl -o /dev/null -w '%{http_code}' http://127.0.0.1:$port/)" 502
fi
if start json_api; then
  target=$port
  if start proxy "http://127.0.0.1:$target"; then
    is "the proxy passes bodies on" "$(curl -d '{"text":"through"}' http://127.0.0.1:$port/notes)" '{"id":1,"text":"through"}'
    is "and statuses" "$(curl -o /dev/null -w '%{http_code}' http://127.0.0.1:$port/other)" 404
  fi
  has "the client prints an answer" "$("$LUNODE" examples/client.lua http://127.0.0.1:$target/notes)" '[{"id":1,"text":"through"}]'
  "$LUNODE" examples/client.lua http://127.0.0.1:1/ > /dev/null 2>&1
  is "and fails when there is none" $? 1
fi

if start chat; then
  cat > "$tmp/talk.lua" <<'LUA'
local net = require "net"
local port = tonumber(arg[1])
local a, b, got = nil, nil, ""
a = net.connect(port, "127.0.0.1", function()
  b = net.connect(port, "127.0.0.1", function()
    setTimeout(function() a:write("/name ann\nhi there\n") end, 100)
    setTimeout(function() a:write("/quit\n") b:write("/quit\n") end, 300)
  end)
  b:setEncoding("utf8")
  b:on("data", function(c) got = got .. c end)
  b:on("end", function() console.log(got) end)
end)
a:resume()
LUA
  has "chat passes lines on" "$("$LUNODE" "$tmp/talk.lua" $port)" "ann: hi there"
fi

# waits up to 30 s for a line in a file
await_line() {
  for _ in $(seq 600); do grep -q "$2" "$1" && return 0; sleep 0.05; done
  return 1
}
export WORKERS=4
if start cluster; then
  u=http://127.0.0.1:$port
  has "a worker of the cluster answers" "$(curl $u/)" "Hello from worker"
  "$LUNODE" tests/support/load.lua $port 8 > "$tmp/load" 2>&1 &
  load=$!
  pids="$pids $load"
  sleep 0.3
  kill -HUP $pid
  does "SIGHUP replaces the workers" await_line "$tmp/cluster.out" '^restarted$'
  kill $load; wait $load
  has "and no request fails meanwhile" "$(cat "$tmp/load")" " bad 0"
  is "by others than before" "$(for _ in 1 2 3 4 5 6 7 8; do curl $u/; done | grep -c 'worker [1234],')" 0
  for _ in 1 2 3; do curl $u/crash > /dev/null 2>&1; sleep 0.05; done
  await_line "$tmp/cluster.out" "400 ms"
  is "workers that keep dying come back after longer and longer pauses" \
    "$(sed -n 's/^worker .* died (1), the next one comes in \(.*\) ms$/\1/p' "$tmp/cluster.out" | tr '\n' ' ')" "100 200 400 "
  has "the others serve meanwhile" "$(curl $u/)" "Hello from worker"
  kill $pid; wait $pid
  is "SIGTERM ends all" $? 0
fi
unset WORKERS

out=$("$LUNODE" examples/async_await.lua)
has "async_await gets an answer" "$out" "200 /first was read from"
has "and ten at once" "$out" "10 answers at once, the last: /10"
has "and catches an error" "$out" "false ECONNREFUSED"
has "and walks a stream" "$out" "three"

# ---- JavaScript

if start hello.js; then is "hello.js answers" "$(curl http://127.0.0.1:$port/)" "Hello world"; fi

if start rest_api.js; then
  u=http://127.0.0.1:$port/notes
  is "rest_api.js makes a note" "$(curl -d '{"text":"milk"}' $u)" '{"id":1,"text":"milk"}'
  is "it changes it" "$(curl -X PUT -d '{"text":"oats"}' $u/1)" '{"id":1,"text":"oats"}'
  is "it lists them" "$(curl $u)" '[{"id":1,"text":"oats"}]'
  is "it refuses what is no JSON" "$(curl -o /dev/null -w '%{http_code}' -d '{' $u)" 400
  is "it deletes" "$(curl -o /dev/null -w '%{http_code}' -X DELETE $u/1)" 204
  is "and then knows it no more" "$(curl $u/1)" '{"error":"no such note"}'
fi

if start static_files.js; then
  page=$(ls examples/public | grep '\.html$' | head -n 1)
  is "static_files.js serves a file" "$(curl http://127.0.0.1:$port/$page | cksum)" "$(cksum < examples/public/$page)"
  is "and nothing above its folder" "$(curl --path-as-is -o /dev/null -w '%{http_code}' http://127.0.0.1:$port/../hello.js)" 404
fi

if start chat.js; then
  cat > "$tmp/talk.js" <<'JS'
const net = require('net');
const port = Number(process.argv[2]);
let got = '';
const a = net.connect(port, '127.0.0.1', () => {
  a.write('ann\n');
  const b = net.connect(port, '127.0.0.1', () => b.write('bob\n'));
  b.setEncoding('utf8').on('data', (c) => { got += c; if (got.includes('hi there')) { console.log(got); a.destroy(); b.destroy(); } });
  setTimeout(() => a.write('hi there\n'), 200);
});
a.resume();
JS
  has "chat.js passes lines on" "$("$LUNODE" "$tmp/talk.js" $port)" "ann: hi there"
fi

if start cluster.js; then
  has "cluster.js answers from a worker" "$(curl http://127.0.0.1:$port/)" "from process "
  kill $pid; wait $pid
  is "and ends with SIGTERM" $? 0
fi

mkdir "$tmp/express" && cp examples/express/* "$tmp/express/"
if command -v npm > /dev/null && (cd "$tmp/express" && timeout 120 npm install --silent > /dev/null 2>&1); then
  : > "$tmp/express.out"
  PORT=0 "$LUNODE" "$tmp/express/app.js" > "$tmp/express.out" 2>&1 &
  pid=$!
  pids="$pids $pid"
  if wait_port "$tmp/express.out" $pid; then
    is "express routes" "$(curl http://127.0.0.1:$port/greet/Ann)" '{"greeting":"Hello, Ann"}'
    is "and parses bodies" "$(curl -H 'Content-Type: application/json' -d '{"numbers":[1,2,3]}' http://127.0.0.1:$port/sum)" '{"sum":6}'
  else
    no "the express example starts" "$(cat "$tmp/express.out")"
  fi
else
  skip "the express example" "npm cannot install it here"
fi

finish
