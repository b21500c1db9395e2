-- SPDX-License-Identifier: MIT
--
-- events.EventEmitterAsyncResource (Node 20 docs: Events): an emitter whose listeners run in the async context of its making.
local class = require "lunode.internal.class"
local contexts = require "lunode.internal.async_context"
local validators = require "lunode.internal.validators"
local AsyncResource = require("lunode.async_hooks").AsyncResource
local EventEmitter = require "lunode.events"

local rawset, type = rawset, type

local Class = class("EventEmitterAsyncResource", EventEmitter)
local Referencing = class("EventEmitterReferencingAsyncResource", AsyncResource)

function Referencing:initialize(emitter, name, options)
  AsyncResource.prototype.initialize(self, name, options)
  rawset(self, "eventEmitter", emitter)
end

-- options: name (the resource's type; default: a subclass's own name), triggerAsyncId, requireManualDestroy, captureRejections; or the name
function Class:initialize(options)
  local name
  if type(options) == "string" then
    name, options = options, nil
  else
    name = options and options.name
    if self.constructor == Class then validators.validateString(name, "options.name") end
    if name == nil or name == "" then name = self.constructor.name end
  end
  EventEmitter.prototype.initialize(self, options)
  rawset(self, "_resource", Referencing(self, name, options))
end

local emit = EventEmitter.prototype.emit
function Class:emit(...) return contexts.enter(self._resource._context, emit, self, ...) end

function Class:emitDestroy() self._resource:emitDestroy() end

Class:accessor("asyncId", function(self) return self._resource:asyncId() end)
Class:accessor("triggerAsyncId", function(self) return self._resource:triggerAsyncId() end)
Class:accessor("asyncResource", function(self) return self._resource end)

return Class
