-- SPDX-License-Identifier: MIT
--
-- The order of every event, callback and state of streams, against logs that Node 20 wrote.
--
-- A program: `streams` (R, W, D, T or P, with options and what their methods do at each call), `acts` (for each turn of the
-- loop a list of operations: now, in a tick or in a microtask), `reacts` (operations at the nth event of a kind). A line of a
-- log: stream:what, then the state: r<length><flowing: n t f><R: readable><e: ended><N: needReadable>, w<length><W: writable>
-- <D: needs 'drain'><corked>, x: destroyed, c: closed.
local test = require "../support/test"
local stream = require "stream"
local lunode = require "lunode"
local nextTick = require("lunode.internal.queue").nextTick
local Error, await, Promise = lunode.Error, lunode.await, lunode.Promise

local here = debug.getinfo(1, "S").source:match "^@(.*)/api/[^/]*$" or "tests"
local classes = { R = stream.Readable, W = stream.Writable, D = stream.Duplex, T = stream.Transform, P = stream.PassThrough }
local EVENTS = { "end", "finish", "prefinish", "close", "drain", "pause", "resume", "pipe", "unpipe" }
local PROPERTIES = { "readableEnded", "writableFinished", "writableEnded", "errored", "readableAborted", "readableDidRead", "writableLength", "readableFlowing" }

local function name(e)
  if e == nil then return "-" end
  return type(e) == "table" and (e.code or e.message) or tostring(e)
end
local function turn() await(Promise(function(resolve) setImmediate(resolve) end)) end
local function text(n) return ("abcdefghij"):sub(1, n) end
local function show(chunk) return chunk == nil and "null" or tostring(chunk) end

local function state(s)
  local r, w, out = s._readableState, s._writableState, ""
  if r then
    out = "r" .. r.length .. (r.flowing == nil and "n" or r.flowing and "t" or "f") .. (s.readable and "R" or "-")
      .. (r.ended and "e" or "") .. (r.needReadable and "N" or "")
  end
  if w then
    out = out .. "w" .. w.length .. (s.writable and "W" or "-") .. (s.writableNeedDrain and "D" or "") .. (w.corked ~= 0 and w.corked or "")
  end
  return out .. (s.destroyed and "x" or "") .. (s.closed and "c" or "")
end

local function run(program)
  local log, streams, counts, depth = {}, {}, {}, 0
  local listeners = {}
  local operate

  local function say(i, what) log[#log + 1] = i .. ":" .. what .. " " .. (streams[i] and state(streams[i]) or "") end

  local function react(i, event)
    local key = i .. event
    counts[key] = (counts[key] or 0) + 1
    if depth > 3 then return end
    for _, r in ipairs(program.reacts) do
      if r.s == i and r.ev == event and r.n == counts[key] then
        depth = depth + 1
        operate(r.op)
        depth = depth - 1
      end
    end
  end

  -- Calls back in the manner that the program says.
  local function answer(manner, cb, i, what)
    say(i, what .. "=" .. manner)
    local function fine() cb() end
    local function fail() cb(Error("E" .. what)) end
    if manner == "sync" then cb()
    elseif manner == "tick" then nextTick(fine)
    elseif manner == "imm" then setImmediate(fine)
    elseif manner == "micro" then queueMicrotask(fine)
    elseif manner == "err-sync" then fail()
    elseif manner == "err-tick" then nextTick(fail)
    elseif manner == "err-imm" then setImmediate(fail)
    elseif manner == "twice" then
      cb()
      cb()
    elseif manner == "throw" then error(Error("T" .. what), 0)
    end
  end

  local function make(d, i)
    local o = {}
    for k, v in pairs(d.opt) do o[k] = v end
    local reads, writes, batches = 0, 0, 0
    if d.reads then
      function o.read(self, n)
        reads = reads + 1
        local step = d.reads[reads] or { "nothing", 0 }
        say(i, "_read" .. n .. step[1])
        react(i, "_read")
        local kind, chunk = step[1], text(step[2])
        local function push(c) say(i, "push>" .. tostring(self:push(c))) end
        local function push_chunk() push(chunk) end
        local function push_end() push(nil) end
        if kind == "push" then push(chunk)
        elseif kind == "push2" then
          push(chunk)
          push(chunk)
        elseif kind == "pushend" then
          push(chunk)
          push(nil)
        elseif kind == "tickpush" then nextTick(push_chunk)
        elseif kind == "immpush" then setImmediate(push_chunk)
        elseif kind == "push0" then push ""
        elseif kind == "end" then push(nil)
        elseif kind == "immend" then setImmediate(push_end)
        elseif kind == "tickend" then nextTick(push_end)
        elseif kind == "destroy" then self:destroy(Error "Dread")
        elseif kind == "throw" then error(Error "Tread", 0)
        end
      end
    end
    if d.writes then
      function o.write(_, chunk, encoding, cb)
        local manner = d.writes[writes % #d.writes + 1]
        writes = writes + 1
        react(i, "write")
        answer(manner, cb, i, "w" .. show(chunk) .. (encoding or "utf8"))
      end
    end
    if d.writev then
      function o.writev(_, chunks, cb)
        local manner, list = d.writev[batches % #d.writev + 1], {}
        batches = batches + 1
        for j, entry in ipairs(chunks) do list[j] = show(entry.chunk) end
        answer(manner, cb, i, "v" .. table.concat(list, "|") .. tostring(chunks.allBuffers))
      end
    end
    if d.trans then
      function o.transform(self, chunk, _, cb)
        local manner = d.trans[writes % #d.trans + 1]
        writes = writes + 1
        for _ = 1, d.transout - 1 do self:push(chunk) end
        answer(manner, function(e) cb(e, d.transout > 0 and chunk or nil) end, i, "t" .. show(chunk))
      end
    end
    if d.flush then
      function o.flush(_, cb) answer(d.flush, function(e) cb(e, not e and "F" or nil) end, i, "flush") end
    end
    if d.final then
      function o.final(_, cb) answer(d.final, cb, i, "final") end
    end
    if d.construct then
      function o.construct(_, cb) answer(d.construct, cb, i, "construct") end
    end
    if d.destroy then
      function o.destroy(_, err, cb) answer(d.destroy, function(e) cb(e or err) end, i, "destroy" .. name(err)) end
    end
    local s = classes[d.kind](o)
    streams[i], listeners[i] = s, { data = {}, readable = {} }
    for _, event in ipairs(EVENTS) do
      s:on(event, function()
        say(i, event)
        react(i, event)
      end)
    end
    s:on("error", function(e)
      say(i, "error-" .. name(e))
      react(i, "error")
    end)
  end

  local operations = {
    write = function(s, i, n, how)
      local chunk = how == 2 and Buffer.from(("z"):rep(n)) or text(n)
      local cb = how == 1 and function(e)
        say(i, "writecb-" .. name(e))
        react(i, "writecb")
      end or nil
      say(i, "write>" .. tostring(s:write(chunk, cb)))
    end,
    ["end"] = function(s, i, n, with_cb)
      local cb = with_cb == 1 and function(e) say(i, "endcb-" .. name(e)) end or nil
      if n > 0 then s:finish(text(n), cb) else s:finish(cb) end
      say(i, "end>")
    end,
    read = function(s, i, n) say(i, "read" .. n .. ">" .. show(s:read(n >= 0 and n or nil))) end,
    push = function(s, i, n) say(i, "push>" .. tostring(s:push(text(n)))) end,
    pushnull = function(s, i) say(i, "pushnull>" .. tostring(s:push(nil))) end,
    unshift = function(s, i, n) say(i, "unshift>" .. tostring(s:unshift(text(n)))) end,
    setenc = function(s, i)
      if s.readableObjectMode then return end
      s:setEncoding "utf8"
      say(i, "setenc>")
    end,
    on = function(s, i, event)
      local function listener(chunk)
        say(i, event == "data" and "data-" .. show(chunk) or event)
        react(i, event)
      end
      table.insert(listeners[i][event], listener)
      s:on(event, listener)
      say(i, "on>" .. event)
    end,
    off = function(s, i, event)
      local listener = table.remove(listeners[i][event])
      if not listener then return end
      s:removeListener(event, listener)
      say(i, "off>" .. event)
    end,
    destroy = function(s, i, with_error)
      s:destroy(with_error == 1 and Error "D" or nil)
      say(i, "destroy>")
    end,
    finished = function(s, i, side)
      local options = side == "r" and { writable = false } or side == "w" and { readable = false } or {}
      stream.finished(s, options, function(e) say(i, "finished" .. side .. "-" .. name(e)) end)
      say(i, "finished>")
    end,
    pipe = function(s, i, to, ends)
      s:pipe(streams[to], { ["end"] = ends == 1 })
      say(i, "pipe>" .. to)
    end,
    unpipe = function(s, i, from)
      s:unpipe(streams[from])
      say(i, "unpipe>" .. from)
    end,
    pipeline = function()
      local list = {}
      for j = 1, #program.streams do list[j] = streams[j - 1] end
      list[#list + 1] = function(e) say(0, "pipelinecb-" .. name(e)) end
      stream.pipeline(unpack(list))
      say(0, "pipeline>")
    end,
  }
  for _, method in ipairs { "cork", "uncork", "pause", "resume" } do
    operations[method] = function(s, i)
      s[method](s)
      say(i, method .. ">")
    end
  end
  function operate(op) operations[op[1]](streams[op[2]], op[2], op[3], op[4]) end

  turn() -- the logs were made in a microtask too
  for i, d in ipairs(program.streams) do make(d, i - 1) end
  for _, list in ipairs(program.acts) do
    for _, act in ipairs(list) do
      if act.when == "now" then operate(act.op)
      elseif act.when == "tick" then nextTick(operate, act.op)
      else queueMicrotask(function() operate(act.op) end)
      end
    end
    turn()
    log[#log + 1] = "--"
  end
  for _ = 1, 8 do turn() end
  for i = 0, #program.streams - 1 do
    say(i, "final")
    local values = {}
    for j, property in ipairs(PROPERTIES) do
      local value = streams[i][property]
      if property == "errored" then value = value and true or false end
      values[j] = tostring(value)
    end
    log[#log + 1] = table.concat(values, ",")
  end
  return log
end

local programs = {}
for line in io.lines(here .. "/fixtures/stream_orders.txt") do
  local source = line:match "^> (.*)"
  if source then
    programs[#programs + 1] = { source = source, want = {} }
  elseif line:sub(1, 1) ~= "#" then
    table.insert(programs[#programs].want, line)
  end
end

for number, p in ipairs(programs) do
  test("events come in Node's order, program " .. number, function(t)
    local got = run(assert(loadstring("return " .. p.source))())
    for i = 1, math.max(#got, #p.want) do
      t:equal(got[i], p.want[i], "line " .. i .. " of " .. p.source)
    end
  end)
end
