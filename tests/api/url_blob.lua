-- SPDX-License-Identifier: MIT
-- URL.createObjectURL, URL.revokeObjectURL and buffer.resolveObjectURL.
local test = require "../support/test"
local buffer = require "buffer"
local URL = require("url").URL
local Blob = buffer.Blob

test("a Blob can be had by its URL until that is revoked", function(t)
  local blob = Blob({ "abc" }, { type = "t/x" })
  local id = URL.createObjectURL(blob)
  t:match(id, "^blob:nodedata:%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$")
  t:equal(URL(id).origin, "null")
  local found = buffer.resolveObjectURL(id)
  t:ok(Blob:is(found))
  t:equal(found.size, 3)
  t:equal(found.type, "t/x")
  t:equal(await(found:text()), "abc")
  t:equal(buffer.resolveObjectURL(id .. "#x").size, 3)
  t:ok(URL.createObjectURL(blob) ~= id)
  URL.revokeObjectURL(id)
  t:equal(buffer.resolveObjectURL(id), nil)
  URL.revokeObjectURL(id)
end)

test("what is none", function(t)
  t:throws(function() URL.createObjectURL() end, "ERR_INVALID_ARG_TYPE")
  t:equal(t:throws(function() URL.createObjectURL "x" end, "ERR_INVALID_ARG_TYPE").message,
    "The \"obj\" argument must be an instance of Blob. Received type string ('x')")
  t:throws(function() URL.revokeObjectURL() end, "ERR_MISSING_ARGS")
  URL.revokeObjectURL(5)
  t:equal(buffer.resolveObjectURL "nope", nil)
  t:equal(buffer.resolveObjectURL "blob:other:x", nil)
  t:equal(buffer.resolveObjectURL(), nil)
end)
