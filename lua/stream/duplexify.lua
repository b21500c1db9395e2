-- SPDX-License-Identifier: MIT
--
-- Duplex.from(source) (Node 20 docs: stream.Duplex.from). The source is a stream, a pair {readable, writable}, anything that
-- can be iterated, a promise, or
--   function(source, push, options): reads `for chunk in source:iter() do` what is written, pushes what is read. Run as an
--   async function; without a push its result, if any, must be nil and the duplex is only writable in effect.
local async = require "lunode.internal.async"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local validators = require "lunode.internal.validators"
local destroying = require "lunode.stream.destroy"
local finished = require "lunode.stream.end_of_stream"
local utils = require "lunode.stream.utils"
local Duplex = require "lunode.stream.duplex"
local Readable = require "lunode.stream.pipe"
local PassThrough = require "lunode.stream.passthrough"

local type, error, rawset = type, error, rawset
local callback = validators.callback
local isReadable, isWritable = utils.isReadable, utils.isWritable

-- Two streams as one.
local function pair(r, w)
  local readable, writable = r ~= nil and isReadable(r) and true or false, w ~= nil and isWritable(w) and true or false
  local ondrain, onfinish, onreadable, onclose
  local d
  local function on_finished(err)
    local cb = onclose
    onclose = nil
    if cb then cb(err) elseif err ~= nil then d:destroy(err) end
  end
  d = Duplex {
    readableObjectMode = r and r.readableObjectMode or false,
    writableObjectMode = w and w.writableObjectMode or false,
    readable = readable,
    writable = writable,
  }

  if writable then
    finished(w, function(err)
      writable = false
      if err ~= nil then destroying.destroyer(r, err) end
      on_finished(err)
    end)
    rawset(d, "_write", function(_, chunk, encoding, cb)
      cb = callback(cb, "callback")
      if w:write(chunk, encoding) then cb() else ondrain = cb end
    end)
    rawset(d, "_final", function(_, cb)
      utils.finish(w)
      onfinish = callback(cb, "callback")
    end)
    w:on("drain", function()
      local cb = ondrain
      if cb then
        ondrain = nil
        cb()
      end
    end)
    w:on("finish", function()
      local cb = onfinish
      if cb then
        onfinish = nil
        cb()
      end
    end)
  end

  if readable then
    finished(r, function(err)
      readable = false
      if err ~= nil then destroying.destroyer(r, err) end
      on_finished(err)
    end)
    r:on("readable", function()
      local again = onreadable
      if again then
        onreadable = nil
        again(d)
      end
    end)
    r:on("end", function() d:push(nil) end)
    rawset(d, "_read", function(self)
      while true do
        local chunk = r:read()
        if chunk == nil or chunk == errors.null then
          onreadable = d._read
          return
        end
        if not self:push(chunk) then return end
      end
    end)
  end

  rawset(d, "_destroy", function(_, err, cb)
    cb = callback(cb, "callback")
    if err == nil and onclose ~= nil then err = errors.AbortError() end
    onreadable, ondrain, onfinish = nil, nil, nil
    if not readable and not writable then return cb(err) end
    local waits = (readable and not utils.isDestroyed(r)) or (writable and not utils.isDestroyed(w))
    if not waits then return cb(err) end
    onclose = function(e) cb(e == nil and err or e) end
    destroying.destroyer(w, err)
    destroying.destroyer(r, err)
  end)
  return d
end

-- What is written goes to `input`, which a function reads until its promise is settled: nothing can be read.
local function sink(input, made, controller)
  local d, ondrain, onfinish, settled
  d = Duplex { objectMode = true, readable = false }
  rawset(d, "_write", function(_, chunk, encoding, cb)
    cb = callback(cb, "callback")
    if input:write(chunk, encoding) then cb() else ondrain = cb end
  end)
  input:on("drain", function()
    local cb = ondrain
    ondrain = nil
    if cb then cb() end
  end)
  rawset(d, "_final", function(_, cb)
    onfinish = callback(cb, "callback")
    utils.finish(input)
    if settled then queue.nextTick(onfinish) end
  end)
  rawset(d, "_destroy", function(_, err, cb)
    controller:abort()
    input:destroy()
    callback(cb, "callback")(err)
  end)
  async.async(function()
    local value = async.await(made)
    if value ~= nil and value ~= errors.null then error(errors.ERR_INVALID_RETURN_VALUE("nully", "body", made), 0) end
    settled = true
    if onfinish then queue.nextTick(onfinish) end
  end):catch(function(err) destroying.destroyer(d, err) end)
  return d
end

-- function(source, push, options): what is written goes to a PassThrough that the function reads.
local function from_function(fn, name)
  local javascript = validators.door.wants_this and validators.door.wants_this(fn)
  fn = callback(fn, name)
  local input = PassThrough { objectMode = true }
  local controller = require("lunode.stream.abort").controller()
  local options = { signal = controller.signal }
  local output
  if javascript then
    local made = fn(input, options)
    if utils.isThenable(made) then return sink(input, made, controller) end
    if type(made) == "string" or not require("lunode.stream.from").source(made) then
      error(errors.ERR_INVALID_RETURN_VALUE("Iterable, AsyncIterable or AsyncFunction", name, made), 0)
    end
    output = Readable.from(made)
  else
    output = require "lunode.stream.generate"(function(push) return fn(input, push, options) end)
    -- It also reads when nobody reads its output yet.
    queue.nextTick(function() if not output.destroyed then output:read(0) end end)
  end
  finished(output, function() controller:abort() end)
  return pair(output, input)
end

local function duplexify(body, name)
  if utils.isDuplexNodeStream(body) then return body end
  if utils.isReadableNodeStream(body) then return pair(body, nil) end
  if utils.isWritableNodeStream(body) then return pair(nil, body) end
  if utils.isNodeStream(body) then return pair(nil, nil) end
  if type(body) == "function" then return from_function(body, name) end
  local blob = package.loaded["lunode.buffer.blob"]
  if type(blob) == "table" and blob.Blob:is(body) then body = body:arrayBuffer() end
  if utils.isThenable(body) then
    local d
    d = Duplex {
      objectMode = true,
      writable = false,
      read = function() end,
    }
    async.async(function()
      local value = async.await(body)
      if value ~= nil and value ~= errors.null then d:push(value) end
      d:push(nil)
    end):catch(function(err) d:destroy(err) end)
    return d
  end
  if type(body) == "table" and body ~= errors.null and not utils.isList(body)
    and (utils.isObject(body.readable) or utils.isObject(body.writable)) then
    local r, w = body.readable, body.writable
    return pair(r ~= nil and (utils.isReadableNodeStream(r) and r or duplexify(r, name)) or nil,
      w ~= nil and (utils.isWritableNodeStream(w) and w or duplexify(w, name)) or nil)
  end
  if type(body) == "string" or utils.isBuffer(body) or require("lunode.stream.from").source(body) then
    return require "lunode.stream.from"(Duplex, body, { objectMode = true, writable = false })
  end
  error(errors.ERR_INVALID_ARG_TYPE(name,
    { "Blob", "ReadableStream", "WritableStream", "Stream", "Iterable", "AsyncIterable", "Function", "{ readable, writable } pair", "Promise" }, body), 0)
end

return duplexify
