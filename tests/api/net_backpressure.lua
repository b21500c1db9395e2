-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local net = require "net"
local Buffer = require("buffer").Buffer
local bytes = require("lunode.core").buffer.from -- a Buffer of just these

local function nothing() end

local function resident()
  local f = io.open "/proc/self/statm"
  local _, pages = f:read("*n", "*n")
  f:close()
  return pages * 4096
end

test("write returns false when the mark is passed, 'drain' comes when all is taken", function(t)
  local server
  server = net.createServer(t:called(function(socket)
    socket:pause()
    setTimeout(function() socket:resume() end, 50)
  end))
  server:listen(0, "127.0.0.1", t:called(function()
    local c = net.connect(server:address().port, "127.0.0.1")
    t:equal(c.writableHighWaterMark, 16384)
    c:on("connect", t:called(function()
      local chunk = Buffer.alloc(65536, "a")
      local writes, refused = 0, false
      repeat
        writes = writes + 1
        refused = not c:write(chunk)
      until refused
      for _ = 1, 20 do t:equal(c:write(chunk), false) end
      local total = (writes + 20) * 65536
      t:ok(c.writableLength > 20 * 65536)
      t:equal(c.bufferSize, c.writableLength)
      t:ok(c.writableNeedDrain)
      t:equal(c.bytesWritten, total)
      local drained = false
      c:once("drain", t:called(function()
        drained = true
        t:equal(c.writableLength, 0)
        t:equal(c.bytesWritten, total)
        c:finish()
      end))
      t:no(drained)
    end))
    c:on("close", t:called(function() server:close() end)):resume()
  end))
end)

test("a small write that the kernel takes calls back, later, without drain", function(t)
  local server
  server = net.createServer(function(s) s:resume() end)
  server:listen(0, "127.0.0.1", t:called(function()
    local c = net.connect(server:address().port, "127.0.0.1", t:called(function() end))
    c:on("connect", t:called(function()
      local now = true
      t:equal(c:write("small", t:called(function(e)
        t:equal(e, nil)
        t:no(now)
        c:destroy()
        server:close()
      end)), true)
      c:on("drain", t:never())
      now = false
    end))
  end))
end)

test("the callbacks of many writes come in order", function(t)
  local server
  server = net.createServer(function(s) s:resume() end)
  server:listen(0, "127.0.0.1", t:called(function()
    local c = net.connect(server:address().port, "127.0.0.1")
    local order = {}
    for i = 1, 50 do c:write(("x"):rep(i * 1000), function() order[#order + 1] = i end) end
    c:finish(t:called(function()
      t:equal(#order, 50)
      for i = 1, 50 do t:equal(order[i], i) end
    end))
    c:on("close", t:called(function() server:close() end)):resume()
  end))
end)

test("corked writes leave together, mixed strings and Buffers, of any size", function(t)
  local server
  local want = {}
  server = net.createServer(t:called(function(socket)
    local got = {}
    socket:on("data", function(d) got[#got + 1] = tostring(d) end)
    socket:on("end", t:called(function() t:ok(table.concat(got) == table.concat(want), "content") end))
  end))
  server:listen(0, "127.0.0.1", t:called(function()
    local c = net.connect(server:address().port, "127.0.0.1", t:called(function() end))
    c:on("connect", t:called(function()
      c:cork()
      for i = 1, 300 do
        local text = (string.char(97 + i % 26)):rep(i * 37)
        want[#want + 1] = text
        c:write(i % 2 == 0 and Buffer.from(text) or text)
      end
      t:equal(c._handle.bytesWritten, 0)
      c:uncork()
      c:finish()
    end))
    c:on("close", t:called(function() server:close() end)):resume()
  end))
end)

test("memory stays bounded before a peer that never reads", { timeout = 30000 }, function(t)
  local server
  server = net.createServer(t:called(function(socket)
    local chunk = Buffer.alloc(65536, "a")
    local written, waiting = 0, false
    local function pump()
      while true do
        written = written + #chunk
        if not socket:write(chunk) then break end
      end
      waiting = true
    end
    local before = resident()
    pump()
    socket:on("drain", function() pump() end)
    socket:on("error", nothing)
    setTimeout(t:called(function()
      t:ok(waiting)
      t:ok(socket.writableLength <= 2 * 65536, "waiting " .. socket.writableLength)
      t:ok(written < 64 * 1024 * 1024, "written " .. written)
      t:ok(resident() - before < 32 * 1024 * 1024, "memory")
      socket:destroy()
      server:close()
    end), 300)
  end))
  server:listen(0, "127.0.0.1", t:called(function()
    local c = net.connect(server:address().port, "127.0.0.1")
    c:on("error", nothing)
    c:pause()
    c:on("close", t:called())
    setTimeout(function() c:destroy() end, 400)
  end))
end)

test("a paused reader stops the handle at its mark, and gets all afterwards", function(t)
  local server
  local size = 4 * 1024 * 1024
  server = net.createServer(t:called(function(socket)
    socket:finish(("z"):rep(size))
    socket:resume()
  end))
  server:listen(0, "127.0.0.1", t:called(function()
    local c = net.connect(server:address().port, "127.0.0.1")
    local n = 0
    c:on("data", function(d)
      n = n + #d
      if n == #d then
        c:pause()
        setTimeout(t:called(function()
          t:ok(c.readableLength <= 16384 + 70000, "buffered " .. c.readableLength)
          t:ok(c.bytesRead < size)
          c:resume()
        end), 60)
      end
    end)
    c:on("close", t:called(function()
      t:equal(n, size)
      server:close()
    end))
  end))
end)

test("pipe holds the source back when the target does not take", { timeout = 30000 }, function(t)
  local size = 8 * 1024 * 1024
  local proxy, sink
  local got = 0
  sink = net.createServer(t:called(function(socket)
    socket:pause()
    socket:on("data", function(d) got = got + #d end)
    socket:pause()
    setTimeout(function() socket:resume() end, 150)
    socket:on("end", t:called(function()
      t:equal(got, size)
      sink:close()
      proxy:close()
    end))
  end))
  sink:listen(0, "127.0.0.1", t:called(function()
    proxy = net.createServer(t:called(function(socket)
      local up = net.connect(sink:address().port, "127.0.0.1")
      socket:pipe(up)
      up:resume()
      setTimeout(t:called(function()
        t:ok(up.writableLength < 1024 * 1024, "held " .. up.writableLength)
        t:ok(socket.bytesRead < size, "read " .. socket.bytesRead)
      end), 100)
    end))
    proxy:listen(0, "127.0.0.1", t:called(function()
      local c = net.connect(proxy:address().port, "127.0.0.1")
      local chunk = Buffer.alloc(65536, "p")
      for _ = 1, size / 65536 do c:write(chunk) end
      c:finish()
      c:resume()
    end))
  end))
end)

test("bytes are the same when the kernel takes only parts: Buffers and strings, alone and in lists", { timeout = 30000 }, function(t)
  local server
  local n, bad = 0, 0
  local pieces, total = {}, 0
  for i = 1, 60 do
    local size = i * 3001
    local text = {}
    for j = 0, size - 1 do text[j + 1] = string.char((total + j) % 253) end
    pieces[i] = table.concat(text)
    total = total + size
  end
  server = net.createServer(t:called(function(socket)
    socket:on("data", function(d)
      for i = 1, #d, 101 do
        if d[i] ~= (n + i - 1) % 253 then bad = bad + 1 end
      end
      n = n + #d
      if math.random() < 0.2 then
        socket:pause()
        setTimeout(function() socket:resume() end, 2)
      end
    end)
    socket:on("end", t:called(function()
      t:equal(n, total)
      t:equal(bad, 0)
    end))
  end))
  server:listen(0, "127.0.0.1", t:called(function()
    local c = net.connect(server:address().port, "127.0.0.1", t:called(function() end))
    c:on("connect", t:called(function()
      for i = 1, #pieces do
        c:write(i % 2 == 0 and bytes(pieces[i]) or pieces[i])
        if i % 10 == 0 then collectgarbage() end
      end
      pieces = nil
      collectgarbage()
      c:finish()
    end))
    c:on("close", t:called(function() server:close() end)):resume()
  end))
end)
