-- A chat over plain TCP, one line a message: nc 127.0.0.1 8000
-- It shows a protocol of one's own: framing, back-pressure, clients that come and go.
local net = require "net"

local LINE_LIMIT = 4096  -- bytes of a line
local BACKLOG = 64 * 1024 -- bytes waiting for a slow reader before it is dropped

local clients, count = {}, 0

local function broadcast(text, except)
  for socket in pairs(clients) do
    if socket ~= except then
      socket:write(text)
      if socket.writableLength > BACKLOG then socket:destroy() end
    end
  end
end

local server = net.createServer(function(socket)
  count = count + 1
  local name, rest = "guest" .. count, ""
  clients[socket] = name
  socket:setEncoding("utf8")
  socket:setTimeout(10 * 60 * 1000, function() socket:finish("* too quiet, bye\n") end)
  socket:write("* hello " .. name .. ", /name NAME renames, /quit leaves\n")
  broadcast("* " .. name .. " is here\n", socket)

  local function line(text)
    local wanted = text:match "^/name (%w+)$"
    if wanted then
      broadcast("* " .. name .. " is now " .. wanted .. "\n")
      name = wanted
    elseif text == "/quit" then
      socket:finish("* bye\n")
    elseif text ~= "" then
      broadcast(name .. ": " .. text .. "\n", socket)
    end
  end

  socket:on("data", function(chunk)
    rest = rest .. chunk
    while true do
      local text, after = rest:match "^([^\n]*)\n(.*)$"
      if not text then break end
      rest = after
      line((text:gsub("\r$", "")))
    end
    if #rest > LINE_LIMIT then socket:finish("* line too long\n") end
  end)
  socket:on("error", function() end) -- "close" follows
  socket:on("close", function()
    clients[socket] = nil
    broadcast("* " .. name .. " left\n")
  end)
end)

server:listen(tonumber(process.env.PORT) or 8000, "127.0.0.1", function()
  console.log("Chat on 127.0.0.1:" .. server:address().port)
end)

process:on("SIGINT", function()
  broadcast("* the server stops\n")
  for socket in pairs(clients) do socket:finish() end
  server:close()
end)
