-- SPDX-License-Identifier: MIT
--
-- The classes of fetch: not there yet. They are there for `instanceof`; making one of them says so, but for a Response without a
-- body, which programs make to find out where they run.
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"
local promise = require "lunode.internal.promise"
local absent = errors.notImplemented

local M = { fetch = absent "fetch" }
for _, name in ipairs { "Headers", "Request", "Response" } do
  M[name] = class(name)
  M[name].initialize = absent(name)
end

local Response = M.Response
local refused = Response.prototype.initialize
local null = errors.null

-- Response(nil, { status = 200, statusText = "" })
function Response:initialize(body, init)
  if body ~= nil and body ~= null then return refused(self, body, init) end
  local status, text = 200, ""
  if type(init) == "table" and init ~= null then
    if init.headers ~= nil then return refused(self, body, init) end
    if init.status ~= nil then status = init.status end
    if init.statusText ~= nil then text = tostring(init.statusText) end
  end
  if type(status) ~= "number" or status < 200 or status > 599 or status % 1 ~= 0 then
    local err = errors.RangeError 'init["status"] must be in the range of 200 to 599, inclusive.'
    error(err, 0)
  end
  rawset(self, "_status", status)
  rawset(self, "_statusText", text)
end
for name, value in pairs { type = "default", url = "", redirected = false, bodyUsed = false } do
  Response:accessor(name, function() return value end)
end
Response:accessor("body", function() return null end)
Response:accessor("status", function(self) return rawget(self, "_status") end)
Response:accessor("statusText", function(self) return rawget(self, "_statusText") end)
Response:accessor("ok", function(self) return rawget(self, "_status") < 300 end)
Response:accessor("headers", function() return absent "Headers"() end)
function Response:text() return promise.resolved "" end

return M
