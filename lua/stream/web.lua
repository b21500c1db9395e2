-- SPDX-License-Identifier: MIT
--
-- require "stream/web": not there yet. The classes are there for `instanceof`; making one of them says so.
local class = require "lunode.internal.class"
local absent = require("lunode.internal.errors").notImplemented

local M = {}
for name in ([[ReadableStream ReadableStreamDefaultReader ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableByteStreamController
  ReadableStreamDefaultController TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController
  WritableStreamDefaultWriter ByteLengthQueuingStrategy CountQueuingStrategy TextEncoderStream TextDecoderStream CompressionStream
  DecompressionStream]]):gmatch "%S+" do
  M[name] = class(name)
  M[name].initialize = absent(name)
end

return M
