-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local net = require "net"

local function path() return os.tmpname() .. ".sock" end
local function exists(p) return os.execute("test -S '" .. p .. "'") == 0 or os.execute("test -S '" .. p .. "'") == true end

local function echo_through(t, p, listen)
  local server = net.createServer(t:called(function(socket)
    t:equal(socket.remoteAddress, nil)
    t:deep(socket:address(), {})
    socket:pipe(socket)
  end))
  listen(server)
  server:on("listening", t:called(function()
    t:equal(server:address(), p)
    local c = net.connect(p, t:called())
    c:write "through the file"
    c:on("data", t:called(function(d)
      t:equal(tostring(d), "through the file")
      c:finish()
    end))
    c:on("close", t:called(function() server:close(t:called(function() t:no(exists(p)) end)) end))
  end))
end

test("a Unix socket by path, whose file goes with the server", function(t)
  local p = path()
  echo_through(t, p, function(s) s:listen(p) end)
end)

test("by options, and a client by options", function(t)
  local p = path()
  echo_through(t, p, function(s) s:listen { path = p, backlog = 5, exclusive = true } end)
end)

test("an abstract name has no file", function(t)
  local name = "\0lunode-test-" .. tostring(os.time()) .. tostring({}):match "0x(%x+)"
  local server = net.createServer(t:called(function(socket) socket:finish "abstract" socket:resume() end))
  server:listen(name, t:called(function()
    net.connect(name):on("data", t:called(function(d)
      t:equal(tostring(d), "abstract")
      server:close()
    end))
  end))
  local c = net.connect "\0lunode-nobody-listens-here"
  c:on("error", t:called(function(e)
    t:equal(e.code, "ECONNREFUSED")
    t:equal(e.syscall, "connect")
  end))
end)

test("errors of paths", function(t)
  local c = net.connect "/nonexistent/x"
  c:on("error", t:called(function(e)
    t:equal(e.message, "connect ENOENT /nonexistent/x")
    t:equal(e.address, "/nonexistent/x")
    t:equal(e.port, nil)
  end))
  local s = net.createServer()
  s:on("error", t:called(function(e)
    t:equal(e.message, "listen EACCES: permission denied /nonexistent/x")
    t:equal(e.address, "/nonexistent/x")
  end))
  s:listen "/nonexistent/x"
  local long = "/tmp/" .. ("a"):rep(200)
  local l = net.createServer()
  l:on("error", t:called(function(e) t:equal(e.code, "ENAMETOOLONG") end))
  l:listen(long)
  net.connect(long):on("error", t:called(function(e) t:equal(e.code, "ENAMETOOLONG") end))
end)

test("a path in use is EADDRINUSE, a stale one too until it is removed", function(t)
  local p = path()
  local a, b = net.createServer(), net.createServer()
  a:listen(p, t:called(function()
    b:on("error", t:called(function(e)
      t:equal(e.code, "EADDRINUSE")
      t:equal(e.address, p)
      a:close(t:called(function()
        local f = io.open(p, "w")
        f:close()
        local c = net.createServer()
        c:on("error", t:called(function(e2)
          t:equal(e2.code, "EADDRINUSE")
          os.remove(p)
          local d = net.createServer()
          d:listen(p, t:called(function() d:close() end))
        end))
        c:listen(p)
      end))
    end))
    b:listen(p)
  end))
end)

test("readableAll and writableAll set the mode", function(t)
  local p = path()
  local s = net.createServer()
  s:listen({ path = p, readableAll = true, writableAll = true }, t:called(function()
    local mode = io.popen("stat -c %a '" .. p .. "'"):read "*l"
    t:match(mode, "^.[67][67]$")
    t:equal(mode:sub(-1), "7" == mode:sub(-1) and "7" or "6")
    s:close()
  end))
end)

test("a large transfer through a Unix socket arrives whole", function(t)
  local p = path()
  local size = 3 * 1024 * 1024
  local chunk = {}
  for i = 0, 65535 do chunk[i + 1] = string.char(i % 251) end
  chunk = table.concat(chunk)
  local server = net.createServer(t:called(function(socket)
    local n, ok = 0, true
    socket:on("data", function(d)
      local text = tostring(d)
      for i = 1, #text, 997 do
        if text:byte(i) ~= ((n + i - 1) % 65536) % 251 then ok = false end
      end
      n = n + #text
    end)
    socket:on("end", t:called(function()
      t:equal(n, size)
      t:ok(ok, "content")
    end))
  end))
  server:listen(p, t:called(function()
    local c = net.connect(p)
    for _ = 1, size / 65536 do c:write(chunk) end
    c:finish()
    c:on("close", t:called(function() server:close() end)):resume()
  end))
end)

test("resetAndDestroy is for TCP", function(t)
  local p = path()
  local server = net.createServer(function(s) s:on("error", function() end) s:resume() end)
  server:listen(p, t:called(function()
    local c = net.connect(p, t:called(function() end))
    c:on("connect", t:called(function()
      t:throws(function() c:resetAndDestroy() end, "ERR_INVALID_HANDLE_TYPE")
      c:destroy()
      server:close()
    end))
  end))
end)
