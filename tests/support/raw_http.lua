-- SPDX-License-Identifier: MIT
--
-- A client that knows nothing of HTTP, for tests of the server.
--
--   raw.serve(t, options, listener, function(port, server) … end)   a server on a free port; raw.stop(server) ends it
--   raw.send(port, request, function(text, how) … end, options)     sends text or a list of pieces, collects what comes back until the
--       connection closes (how "closed", "reset" …) or until options.done(text) (then how is "open", and it is closed)
--     options: gap (ms between pieces), done = function or number of answers to wait for, half (ends its side after sending)
--   raw.without_date(text)
local http = require "http"
local net = require "net"

local M = {}

function M.serve(t, options, listener, ready)
  local server = http.createServer(options, listener)
  server:listen(0, "127.0.0.1", t:called(function() ready(server:address().port, server) end))
  return server
end

function M.stop(server)
  server:close()
  server:closeAllConnections()
end

local function count(text, pattern)
  local _, n = text:gsub(pattern, "")
  return n
end

function M.send(port, request, answer, options)
  options = options or {}
  local pieces = type(request) == "table" and request or { request }
  local done = options.done
  if type(done) == "number" then
    local wanted = done
    done = function(text) return count(text, "HTTP/1%.1 %d%d%d") >= wanted and text:find "\r\n\r\n[^\r]*$" ~= nil end
  end
  local socket = net.connect(port, "127.0.0.1")
  local got, over, failed = {}, false, nil
  local function finish(how)
    if over then return end
    over = true
    socket:destroy()
    answer(table.concat(got), how)
  end
  socket:setNoDelay(true)
  socket:on("data", function(chunk)
    got[#got + 1] = tostring(chunk)
    if done and done(table.concat(got)) then finish "open" end
  end)
  socket:on("error", function(err) failed = err.code end)
  socket:on("close", function() finish(failed or "closed") end)
  local function step(i)
    if over or socket.destroyed then return end
    if i > #pieces then
      if options.half then socket:finish() end
      return
    end
    socket:write(pieces[i])
    if options.gap then setTimeout(step, options.gap, i + 1) else step(i + 1) end
  end
  step(1)
  return socket
end

function M.without_date(text) return (text:gsub("Date: [^\r]*\r\n", "")) end

return M
