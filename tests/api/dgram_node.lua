-- SPDX-License-Identifier: MIT
-- Datagrams to and from Node, where it is installed.
local test = require "../support/test"
local dgram, child_process = require "dgram", require "child_process"

local node = require("../support/node").path
local skip = not node and "node is not installed" or nil

-- Answers each datagram with its size and content; sends "hello" to the port it is told, connected.
local ECHO = [[
const [, kind, address] = process.argv;
const socket = require("dgram").createSocket(kind);
socket.on("message", (message, from) => {
  const text = message.toString("latin1");
  if (text === "quit") return socket.close();
  if (text.startsWith("greet ")) {
    const client = require("dgram").createSocket(kind);
    client.on("message", (answer) => { socket.send("it said " + answer, from.port, from.address); client.close(); });
    client.connect(Number(text.slice(6)), address, () => client.send(["hel", "lo"]));
    return;
  }
  socket.send([String(message.length), ":", message.subarray(0, 1000)], from.port, from.address);
});
socket.bind(0, address, () => console.log(socket.address().port));
]]

local function message(socket)
  return Promise(function(resolve) socket:once("message", function(...) resolve { ... } end) end)
end

for _, case in ipairs { { "udp4", "127.0.0.1", "IPv4" }, { "udp6", "::1", "IPv6" } } do
  test(case[1] .. ": datagrams go to Node and come from it", { skip = skip, timeout = 20000 }, function(t)
    local child = child_process.spawn(node, { "-e", ECHO, case[1], case[2] }, { stdio = { "ignore", "pipe", "inherit" } })
    local over = Promise(function(resolve) child:on("exit", resolve) end)
    local port = tonumber(tostring(await(Promise(function(resolve) child.stdout:once("data", resolve) end))))
    local socket = dgram.createSocket(case[1])
    await(Promise(function(resolve) socket:bind(0, case[2], resolve) end))
    for _, size in ipairs { 0, 1, 64, 1473, 9000, 65000 } do
      local sent = ("abcdefgh"):rep(size / 8 + 1):sub(1, size)
      local got = message(socket)
      socket:send(sent, port, case[2])
      local answer = await(got)
      t:equal(tostring(answer[1]), size .. ":" .. sent:sub(1, 1000))
      t:deep({ answer[2].address, answer[2].port, answer[2].family }, { case[2], port, case[3] })
    end
    local server
    server = dgram.createSocket(case[1], function(text, from)
      t:equal(from.size, 5)
      socket:send("not from here", from.port, case[2]) -- Node's connected socket does not hear it
      server:send("you said " .. tostring(text), from.port, from.address)
    end)
    await(Promise(function(resolve) server:bind(0, case[2], resolve) end))
    local got = message(socket)
    socket:send("greet " .. server:address().port, port, case[2])
    t:equal(tostring(await(got)[1]), "it said you said hello")
    socket:send("quit", port, case[2])
    t:equal(await(over), 0)
    server:close()
    socket:close()
  end)
end
