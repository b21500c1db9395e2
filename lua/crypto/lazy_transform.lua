-- SPDX-License-Identifier: MIT
--
-- A Transform that becomes a stream only when it is used as one: most hashes and ciphers never are.
-- A subclass's constructor calls lazy(self, options); the stream's options are kept until then.
local class = require "lunode.internal.class"
local shape = require "lunode.internal.shape"
local Transform = require("lunode.stream").Transform

local rawget, rawset = rawget, rawset

local LazyTransform = class("LazyTransform", Transform)

local function begin(self)
  local options = rawget(self, "_streamOptions")
  if options == nil then return end
  rawset(self, "_streamOptions", nil)
  Transform.prototype.initialize(self, options or nil)
end

for _, name in ipairs { "_readableState", "_writableState" } do
  LazyTransform:accessor(name, function(self)
    begin(self)
    return rawget(self, name)
  end, function(self, value) rawset(self, name, value) end)
end

-- Whatever else a stream shows of its state.
local proto = Transform.prototype
while proto do
  local sh = shape.of(proto)
  for name, get in pairs(sh.getters) do
    local set = sh.setters[name]
    if rawget(shape.of(LazyTransform.prototype).getters, name) == nil then
      LazyTransform:accessor(name, function(self)
        begin(self)
        return get(self)
      end, function(self, value)
        begin(self)
        set(self, value)
      end)
    end
  end
  proto = shape.prototype(proto)
end

LazyTransform.static.lazy = function(self, options) rawset(self, "_streamOptions", options or false) end

return LazyTransform
