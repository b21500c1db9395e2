-- SPDX-License-Identifier: MIT
--
-- stream: the Stream class, with the others as its statics (Node 20 docs: Stream). What is used less is loaded when asked for.
local errors = require "lunode.internal.errors"
local Stream = require "lunode.stream.legacy"
local Readable = require "lunode.stream.pipe"
local Writable = require "lunode.stream.writable"
local Duplex = require "lunode.stream.duplex"
local utils = require "lunode.stream.utils"
local state_of = require "lunode.stream.state"
local destroying = require "lunode.stream.destroy"

local static = Stream.static

static.Stream = Stream
static.Readable = Readable
static.Writable = Writable
static.Duplex = Duplex
static.Transform = require "lunode.stream.transform"
static.PassThrough = require "lunode.stream.passthrough"

static.isDestroyed = utils.isDestroyed
static.isDisturbed = utils.isDisturbed
static.isErrored = utils.isErrored
static.isReadable = utils.isReadable
static.isWritable = utils.isWritable
static.getDefaultHighWaterMark = state_of.getDefaultHighWaterMark
static.setDefaultHighWaterMark = state_of.setDefaultHighWaterMark
static.destroy = destroying.destroyer

-- (stream, options, callback) -> cleanup
static.finished = function(...) return require "lunode.stream.end_of_stream"(...) end
-- (stream, …, callback) -> the last stream
static.pipeline = function(...) return require("lunode.stream.pipeline").pipeline(...) end
-- (signal, stream) -> stream
static.addAbortSignal = function(...) return require "lunode.stream.add_abort_signal"(...) end
-- (stream, …) -> Duplex
static.compose = function(...) return require "lunode.stream.compose"(...) end
-- (options) -> list of two Duplexes, each of which reads what is written to the other
static.duplexPair = function(...) return require "lunode.stream.duplex_pair"(...) end

Readable.static.isDisturbed = utils.isDisturbed
Readable.static.isErrored = utils.isErrored
Readable.static.isReadable = utils.isReadable

for _, name in ipairs {
  "map", "filter", "flatMap", "drop", "take", "asIndexedPairs", "forEach", "toArray", "some", "find", "every", "reduce", "compose",
} do
  Readable.prototype[name] = function(self, ...) return require("lunode.stream.operators")[name](self, ...) end
end

-- stream.promises
local meta = getmetatable(static)
local inherited = meta.__index
meta.__index = function(_, key)
  if key == "promises" then
    local promises = require "lunode.stream.promises"
    rawset(static, "promises", promises)
    return promises
  end
  if type(inherited) == "function" then return inherited(static, key) end
  return inherited[key]
end

-- ---- signatures, for the reference (docs/api/README.md)
-- isDestroyed, isReadable, isWritable(stream: stream.Stream) -> boolean?: nil for what is no stream
-- setDefaultHighWaterMark(objectMode: boolean, value: integer)

return Stream
