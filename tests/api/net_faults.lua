-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local net = require "net"
local core = require "lunode.core"

local function nothing() end

local pid = io.open("/proc/self/stat"):read "*n"
local function descriptors()
  collectgarbage() -- earlier pipes
  collectgarbage()
  local ls = io.popen("ls /proc/" .. pid .. "/fd")
  local n = 0
  for _ in ls:lines() do n = n + 1 end
  ls:close()
  return n
end

test("a reset in every state is an error or a close, never more", { timeout = 30000 }, function(t)
  -- the client resets: at once, after the server wrote, in the middle of the server's large write, after its end
  local function state(client, serve)
    local server
    server = net.createServer(function(socket)
      local closed = 0
      socket:on("error", function(e) t:ok(e.code == "ECONNRESET" or e.code == "EPIPE" or e.code == "ENOTCONN", e.code) end)
      socket:on("close", t:called(function() closed = closed + 1 end))
      serve(socket)
      server:close()
    end)
    server:listen(0, "127.0.0.1", t:called(function()
      local c = net.connect(server:address().port, "127.0.0.1")
      c:on("error", nothing)
      c:on("close", t:called())
      client(c)
    end))
  end
  state(function(c) c:on("connect", function() c:resetAndDestroy() end) end, function(s) s:resume() end)
  state(function(c) c:on("data", function() c:resetAndDestroy() end) end, function(s) s:write "x" s:resume() end)
  state(function(c) c:once("data", function() c:resetAndDestroy() end) end, function(s) s:write(("x"):rep(8000000)) s:resume() end)
  state(function(c) c:on("end", function() c:resetAndDestroy() end) c:resume() end, function(s) s:finish() s:resume() end)
  state(function(c) c:write(("y"):rep(1000000)) setTimeout(function() c:resetAndDestroy() end, 20) end, function(s) s:pause() setTimeout(function() s:resume() end, 50) end)
  state(function(c) c:finish() c:resume() setTimeout(function() c:resetAndDestroy() end, 20) end,
    function(s) local timer timer = setInterval(function() if s.destroyed then clearInterval(timer) elseif s.writable then s:write "tick" end end, 2) s:resume() end)
end)

test("writing to a peer that is gone: EPIPE or ECONNRESET reaches the callback and 'error'", function(t)
  local server
  server = net.createServer({ allowHalfOpen = true }, t:called(function(socket)
    socket:resume()
    local timer
    socket:on("end", function()
      timer = setInterval(function() socket:write "x" end, 2)
    end)
    socket:on("error", t:called(function(e)
      clearInterval(timer)
      t:ok(e.code == "EPIPE" or e.code == "ECONNRESET", e.code)
      server:close()
    end))
  end))
  server:listen(0, "127.0.0.1", t:called(function()
    local c = net.connect(server:address().port, "127.0.0.1", function() end)
    c:on("connect", function() c:destroy() end)
  end))
end)

test("destroying in any callback is safe", function(t)
  local server
  local names = { "connect", "ready", "data", "end", "finish", "close", "drain" }
  server = net.createServer(function(s)
    s:on("error", nothing)
    s:write(("d"):rep(200000))
    s:finish()
    s:resume()
  end)
  server:listen(0, "127.0.0.1", t:called(function()
    local left = #names
    for _, name in ipairs(names) do
      local c = net.connect(server:address().port, "127.0.0.1")
      c:on("error", nothing)
      c:write(("u"):rep(100000))
      c:on(name, function()
        c:destroy()
        c:destroy()
      end)
      if name ~= "data" then c:resume() end
      c:finish()
      c:on("close", t:called(function()
        left = left - 1
        if left == 0 then server:close() end
      end))
    end
  end))
end)

test("errors thrown in listeners reach uncaughtException, and the others go on", function(t)
  -- the harness listens there: an error of this test would fail it, so a program of its own is run
  local exe = io.popen("readlink /proc/" .. pid .. "/exe"):read "*l"
  local file = os.tmpname()
  local f = io.open(file, "w")
  f:write [[
    local net = require "net"
    local queue = require "lunode.internal.queue"
    local seen = {}
    queue.uncaught = function(e) seen[#seen + 1] = tostring(e):match "boom %d" or tostring(e) end
    local n = 0
    local server
    server = net.createServer(function(s)
      n = n + 1
      if n == 1 then s:destroy() error "boom 1" end
      s:on("data", function() s:finish() error "boom 2" end)
      s:on("close", function() server:close() error "boom 3" end)
    end)
    server:listen(0, "127.0.0.1", function()
      local port = server:address().port
      net.connect(port, "127.0.0.1"):on("error", function() end):on("close", function()
        net.connect(port, "127.0.0.1"):on("close", function() io.stdout:write(table.concat(seen, ","), "\n") io.stdout:flush() end):resume():write "x"
      end):resume()
    end)
  ]]
  f:close()
  local out = io.popen(exe .. " " .. file .. " 2>&1"):read "*a"
  os.remove(file)
  t:match(out, "boom 1,boom 2")
end)

test("EMFILE on accept costs connections, not the server", { timeout = 30000 }, function(t)
  local exe = io.popen("readlink /proc/" .. pid .. "/exe"):read "*l"
  local file = os.tmpname()
  local f = io.open(file, "w")
  f:write [[
    local net = require "net"
    local held, served = {}, 0
    local server = net.createServer(function(s)
      served = served + 1
      held[#held + 1] = s
      s:on("error", function() end)
      s:on("data", function(d)
        if tostring(d) == "free" then
          for _, x in ipairs(held) do if x ~= s then x:destroy() end end
          held = {}
          s:finish("freed " .. (served > 5 and "some" or "few"))
        elseif tostring(d) == "quit" then
          s:finish "bye"
          server_closed = true
          setTimeout(function() os.exit(0) end, 50)
        end
      end)
    end)
    server:listen(0, "127.0.0.1", function() io.stdout:write(server:address().port, "\n") io.stdout:flush() end)
  ]]
  f:close()
  local child = io.popen("sh -c 'ulimit -n 40; exec " .. exe .. " " .. file .. "' 2>&1")
  local port = tonumber(child:read "*l")
  t:ok(port)
  local first = net.connect(port, "127.0.0.1")
  first:on("error", nothing)
  first:on("connect", t:called(function()
    local ended = 0
    for _ = 1, 60 do
      local c = net.connect(port, "127.0.0.1")
      c:on("error", nothing)
      c:on("close", function() ended = ended + 1 end)
      c:resume()
    end
    setTimeout(t:called(function()
      t:ok(ended > 10, "refused " .. ended)
      first:write "free"
      first:once("data", t:called(function(d)
        t:equal(tostring(d), "freed some")
        setTimeout(t:called(function()
          local again = net.connect(port, "127.0.0.1")
          again:on("error", nothing)
          again:write "quit"
          again:on("data", t:called(function(x) t:equal(tostring(x), "bye") end))
          again:on("close", t:called(function()
            child:close()
            os.remove(file)
          end))
        end), 50)
      end))
    end), 300)
  end))
end)

test("an accept that fails is an 'error' where one listens, and nothing where none does", function(t)
  local server = net.createServer()
  server:listen(0, "127.0.0.1", t:called(function()
    local emfile = require("lunode.internal.errors").uvCode "EMFILE"
    server._handle.onconnection(server, emfile)
    server:on("error", t:called(function(e)
      t:equal(e.code, "EMFILE")
      t:equal(e.syscall, "accept")
      t:equal(server.listening, true)
      server:close()
    end))
    server._handle.onconnection(server, emfile)
  end))
end)

test("no descriptor is left by connections that fail", { timeout = 30000 }, function(t)
  local s = net.createServer()
  s:listen(0, "127.0.0.1", t:called(function()
    local port = s:address().port
    s:close(t:called(function()
      local before = descriptors()
      local left = 200
      local all = t:called(function()
        local settled, tries = t:called(), 0
        local function look() -- the last ones may be closing still
          local now = descriptors()
          tries = tries + 1
          if now <= before then return settled() end
          if tries == 100 then t:fail(before .. " -> " .. now) end
          setTimeout(look, 10)
        end
        setImmediate(look)
      end)
      for i = 1, 200 do
        local c = i % 2 == 0 and net.connect(port, "127.0.0.1") or net.connect "/nonexistent/socket"
        c:on("error", nothing)
        c:on("close", function()
          left = left - 1
          if left == 0 then all() end
        end)
      end
    end))
  end))
end)

test("many sockets with time-outs and idle: every one times out once", function(t)
  local n, over = 100, 0
  local server
  server = net.createServer(function(s)
    s:setTimeout(40, function()
      over = over + 1
      s:destroy()
    end)
    s:resume()
  end)
  server:listen(0, "127.0.0.1", t:called(function()
    local closed = 0
    local all = t:called(function()
      t:equal(over, n)
      server:close()
    end)
    for _ = 1, n do
      net.connect(server:address().port, "127.0.0.1"):on("close", function()
        closed = closed + 1
        if closed == n then all() end
      end):resume()
    end
  end))
end)
