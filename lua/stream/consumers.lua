-- SPDX-License-Identifier: MIT
--
-- require "stream/consumers": the whole of a stream as one value (Node 20 docs: Utility Consumers). Each takes a stream, or
-- whatever Readable.from takes, and returns a promise.
local async = require "lunode.internal.async"
local errors = require "lunode.internal.errors"
local utils = require "lunode.stream.utils"
local Readable = require "lunode.stream.pipe"

local type, concat = type, table.concat

local M = {}

local function chunks_of(stream)
  if not utils.isReadableNodeStream(stream) then stream = Readable.from(stream) end
  local reader = require("lunode.stream.iterator").open(stream)
  return function() return reader:pull() end
end

local function collect(stream)
  local Buffer = require("lunode.buffer").Buffer
  local list = {}
  for chunk in chunks_of(stream) do
    if type(chunk) ~= "string" and not utils.isBuffer(chunk) then
      error(errors.ERR_INVALID_ARG_TYPE("chunk", { "string", "Buffer" }, chunk), 0)
    end
    list[#list + 1] = type(chunk) == "string" and utils.toBuffer(chunk) or chunk
  end
  return Buffer.concat(list)
end

local function read_text(stream)
  local parts, decoder = {}, nil
  for chunk in chunks_of(stream) do
    if type(chunk) == "string" then
      parts[#parts + 1] = chunk
    else
      decoder = decoder or require("lunode.string_decoder").StringDecoder "utf8"
      parts[#parts + 1] = decoder:write(chunk)
    end
  end
  if decoder then parts[#parts + 1] = decoder["end"](decoder) end
  return concat(parts)
end

-- -> promise of a string
function M.text(stream) return async.async(read_text, stream) end

-- -> promise of a Buffer
function M.buffer(stream) return async.async(collect, stream) end

-- -> promise of what the text means as JSON
function M.json(stream)
  return async.async(function() return require("lunode.json").parse(read_text(stream)) end)
end

-- -> promise of a Buffer with memory of its own: Lua has no other kind of ArrayBuffer
function M.arrayBuffer(stream) return async.async(collect, stream) end

-- -> promise of a Blob
function M.blob(stream)
  return async.async(function() return require("lunode.buffer").Blob { collect(stream) } end)
end

return M
