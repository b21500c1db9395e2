-- SPDX-License-Identifier: MIT
--
-- Questions about streams of any make: ours, older ones with only `on` and `pipe` or `write`, HTTP messages.
-- Where Node answers null ("cannot say") these answer nil.
local errors = require "lunode.internal.errors"
local validators = require "lunode.internal.validators"

local type = type
local null = errors.null

local M = {}

local function is_object(x) return type(x) == "table" and x ~= null end
local function has(x, name) return type(x[name]) == "function" end
M.isObject = is_object

function M.isReadableNodeStream(x, strict)
  if not is_object(x) or not has(x, "pipe") or not has(x, "on") then return false end
  if strict and not (has(x, "pause") and has(x, "resume")) then return false end
  local r = x._readableState
  if x._writableState then return r ~= nil and r.readable ~= false end
  return true
end

function M.isWritableNodeStream(x)
  if not is_object(x) or not has(x, "write") or not has(x, "on") then return false end
  if x._readableState then
    local w = x._writableState
    return w ~= nil and w.writable ~= false
  end
  return true
end

function M.isDuplexNodeStream(x)
  return is_object(x) and has(x, "pipe") and x._readableState ~= nil and has(x, "on") and has(x, "write")
end

function M.isNodeStream(x)
  if not is_object(x) then return false end
  return x._readableState ~= nil or x._writableState ~= nil or (has(x, "on") and (has(x, "write") or has(x, "pipe")))
end

local isNodeStream, isReadableNodeStream, isWritableNodeStream = M.isNodeStream, M.isReadableNodeStream, M.isWritableNodeStream

function M.isDestroyed(s)
  if not isNodeStream(s) then return nil end
  local state = s._writableState or s._readableState
  return (s.destroyed or s._isDestroyed or state and state.destroyed) and true or false
end

function M.isWritableEnded(s)
  if not isWritableNodeStream(s) then return nil end
  if s.writableEnded == true then return true end
  local w = s._writableState
  if w and w.errored then return false end
  if not w or type(w.ended) ~= "boolean" then return nil end
  return w.ended
end

function M.isWritableFinished(s, strict)
  if not isWritableNodeStream(s) then return nil end
  if s.writableFinished == true then return true end
  local w = s._writableState
  if w and w.errored then return false end
  if not w or type(w.finished) ~= "boolean" then return nil end
  return w.finished or (strict == false and w.ended == true and w.length == 0)
end

function M.isReadableEnded(s)
  if not isReadableNodeStream(s) then return nil end
  if s.readableEnded == true then return true end
  local r = s._readableState
  if not r or r.errored then return false end
  if type(r.ended) ~= "boolean" then return nil end
  return r.ended
end

function M.isReadableFinished(s, strict)
  if not isReadableNodeStream(s) then return nil end
  local r = s._readableState
  if r and r.errored then return false end
  if not r or type(r.endEmitted) ~= "boolean" then return nil end
  return r.endEmitted or (strict == false and r.ended == true and r.length == 0)
end

function M.isReadable(s)
  if not is_object(s) or type(s.readable) ~= "boolean" then return nil end
  if M.isDestroyed(s) then return false end
  return isReadableNodeStream(s) and s.readable and not M.isReadableFinished(s)
end

function M.isWritable(s)
  if not is_object(s) or type(s.writable) ~= "boolean" then return nil end
  if M.isDestroyed(s) then return false end
  return isWritableNodeStream(s) and s.writable and not M.isWritableEnded(s)
end

function M.isFinished(s)
  if not isNodeStream(s) then return nil end
  if M.isDestroyed(s) then return true end
  return not M.isReadable(s) and not M.isWritable(s)
end

function M.isWritableErrored(s)
  if not isNodeStream(s) then return nil end
  if s.writableErrored then return s.writableErrored end
  local w = s._writableState
  return w and w.errored or nil
end

function M.isReadableErrored(s)
  if not isNodeStream(s) then return nil end
  if s.readableErrored then return s.readableErrored end
  local r = s._readableState
  return r and r.errored or nil
end

function M.isOutgoingMessage(s)
  return type(s._closed) == "boolean" and type(s._defaultKeepAlive) == "boolean"
    and type(s._removedConnection) == "boolean" and type(s._removedContLen) == "boolean"
end

function M.isServerResponse(s) return type(s._sent100) == "boolean" and M.isOutgoingMessage(s) end

function M.isServerRequest(s)
  return type(s._consuming) == "boolean" and type(s._dumped) == "boolean" and (type(s.req) ~= "table" or s.req.upgradeOrConnect == nil)
end

-- A client's HTTP request.
function M.isRequest(s) return is_object(s) and s.setHeader ~= nil and type(s.abort) == "function" end

function M.isClosed(s)
  if not isNodeStream(s) then return nil end
  if type(s.closed) == "boolean" then return s.closed end
  local w, r = s._writableState, s._readableState
  if w and type(w.closed) == "boolean" or r and type(r.closed) == "boolean" then
    return (w and w.closed or r and r.closed) and true or false
  end
  if type(s._closed) == "boolean" and M.isOutgoingMessage(s) then return s._closed end
  return nil
end

-- A stream with no state of ours says by `_willEmitClose` (boolean) whether 'close' is to come.
function M.willEmitClose(s)
  if not isNodeStream(s) then return nil end
  local state = s._writableState or s._readableState
  if not state then
    if type(s._willEmitClose) == "boolean" then return s._willEmitClose end
    return M.isServerResponse(s)
  end
  return state.autoDestroy and state.emitClose and state.closed == false or false
end

-- Whether it was read from or cancelled. Node 20 docs: stream.Readable.isDisturbed
function M.isDisturbed(s) return is_object(s) and (s.readableDidRead or s.readableAborted) and true or false end

-- Whether it has met an error. Node 20 docs: stream.isErrored
function M.isErrored(s)
  if not is_object(s) then return false end
  if s.readableErrored or s.writableErrored then return true end
  local r, w = s._readableState, s._writableState
  if r and (r.errorEmitted or r.errored) then return true end
  return w and (w.errorEmitted or w.errored) and true or false
end

-- Ends a stream's writable side by whichever name it has.
function M.finish(s, ...)
  local finish = s.finish
  if type(finish) ~= "function" then finish = s["end"] end
  return finish(s, ...)
end

-- Whether a Lua value is a list: a sequence, or marked as one.
local ARRAY = require("lunode.internal.shape").ARRAY
local is_class = require("lunode.internal.class").is_class
function M.isList(x)
  if type(x) ~= "table" or x == null then return false end
  local mt = getmetatable(x)
  if mt == nil then return x[1] ~= nil end
  if mt == ARRAY then return true end
  return type(mt) == "table" and mt.__name == "Array" and not is_class(x)
end

function M.isBuffer(x)
  if type(x) ~= "userdata" then return false end
  local mt = getmetatable(x)
  return type(mt) == "table" and mt.is_buffer == true
end

-- Text as a Buffer. A Lua string is bytes: those of UTF-8, the default, are taken as they are, valid or not.
local Buffer = require("lunode.buffer").Buffer -- also gives every Buffer made in C its methods
local raw = require("lunode.core").buffer.from
function M.toBuffer(text, encoding)
  if encoding == "utf8" or encoding == "buffer" or encoding == nil or validators.normalizeEncoding(encoding) == "utf8" then
    return raw(text)
  end
  return Buffer.from(text, encoding)
end

function M.isThenable(x) return is_object(x) and type(x["then"]) == "function" end

return M
