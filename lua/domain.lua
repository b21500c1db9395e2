-- SPDX-License-Identifier: MIT
--
-- domain (Node 20 docs: Domain; deprecated there): errors of what was started in a domain, and of emitters that belong to it, become the
-- domain's 'error' events. The domain that is active is part of the async context, so timers, ticks, promises and callbacks keep it.
--
-- From the first require on EventEmitter's emit and initialize look at `emitter.domain`.
local class = require "lunode.internal.class"
local contexts = require "lunode.internal.async_context"
local errors = require "lunode.internal.errors"
local queue = require "lunode.internal.queue"
local shape = require "lunode.internal.shape"
local validators = require "lunode.internal.validators"
local EventEmitter = require "lunode.events"

local type, rawset, rawget, pcall, error, setfenv, getfenv = type, rawset, rawget, pcall, error, setfenv, getfenv
local null, door = errors.null, validators.door

if require("lunode.process")._capture then
  package.loaded[(...)] = nil -- it may be asked for again
  error(errors.ERR_DOMAIN_CALLBACK_NOT_AVAILABLE(), 0)
end

-- In a context: the innermost domain entered, { domain, outer, entered }. What it was entered from is known until it is left:
-- callbacks run in their domain alone.
local KEY = {}
local Domain = class("Domain", EventEmitter)
local M = { Domain = Domain, _required = errors.Error("require(`domain`) at this point").stack }

local function innermost()
  local context = queue.context
  return context and context[KEY] or nil
end

local function outer_of(entry)
  if entry.entered then return entry.outer end
end

-- What process.domain says in JavaScript where there is none: null at first, undefined once one was left.
local none = null

-- -> the active domain or nil
local function active()
  local entry = innermost()
  return entry and entry.domain
end

function Domain:initialize()
  EventEmitter.prototype.initialize(self)
  self.members = shape.list {}
end

function Domain:enter() queue.context = contexts.with(KEY, { domain = self, outer = innermost(), entered = true }) end

-- Leaves it, and the domains entered inside.
function Domain:exit()
  local first = innermost()
  local entry = first
  while entry and entry.domain ~= self do entry = outer_of(entry) end
  if not entry then return end
  local rest = outer_of(entry)
  while first ~= rest do
    local outer = outer_of(first)
    first.entered = false
    first = outer
  end
  queue.context = contexts.with(KEY, rest)
  if not rest then none = nil end
end

-- The emitter's (or timer's) errors are the domain's from now on.
function Domain:add(emitter)
  if emitter.domain == self then return end
  if emitter.domain ~= nil and emitter.domain ~= null then emitter.domain:remove(emitter) end
  shape.hide(emitter, "domain", self)
  shape.add(self.members, emitter)
end

function Domain:remove(emitter)
  shape.hide(emitter, "domain", null)
  for i = 1, #self.members do
    if self.members[i] == emitter then
      shape.remove(self.members, i)
      return
    end
  end
end

local function call(fn, this, ...)
  if door.wants_this and door.wants_this(fn) then return fn(this, ...) end
  return fn(...)
end

local function leave(domain, ...)
  domain:exit()
  return ...
end

-- fn(…) inside. What it raises goes on from here with the domain still entered, so that it is the domain's when nobody catches it.
function Domain:run(fn, ...)
  validators.validateFunction(fn, "fn")
  self:enter()
  return leave(self, call(fn, self, ...))
end

-- A function like fn, of its language.
local function wrapped(fn, around)
  validators.validateFunction(fn, "cb")
  if door.wants_this and door.wants_this(fn) then
    return setfenv(function(this, ...) return around(function(...) return fn(this, ...) end, ...) end, getfenv(fn))
  end
  return function(...) return around(fn, ...) end
end

-- fn, run inside whenever it is called.
function Domain:bind(fn)
  return wrapped(fn, function(inner, ...)
    self:enter()
    return leave(self, inner(...))
  end)
end

local function mark(err, domain, thrown, field, value)
  if type(err) ~= "table" or err == null then return end
  local kind = door.kind and door.kind(err)
  if kind == "symbol" or kind == "bigint" then return end
  shape.hide(err, "domain", domain)
  err.domainThrown = thrown
  if field then err[field] = value end
end

-- For callbacks: an error as the first argument is the domain's, the others are fn's.
function Domain:intercept(fn)
  local own
  own = wrapped(fn, function(inner, err, ...)
    if errors.Error:is(err) then
      mark(err, self, false, "domainBound", fn)
      self:emit("error", err)
      return
    end
    self:enter()
    return leave(self, inner(...))
  end)
  return own
end

-- ---- errors that nobody caught

local handling = false

-- From lunode.internal.uncaught: true when a domain has taken it. An error of its handler is the outer domain's.
function M._uncaught(err)
  local context = queue.raised_in or queue.context
  queue.raised_in = nil
  local entry = context and context[KEY]
  while entry do
    local domain = entry.domain
    repeat
      local outer = outer_of(entry)
      entry.entered = false
      entry = outer
    until not entry or entry.domain ~= domain
    mark(err, domain, true)
    if domain:listenerCount "error" > 0 then
      queue.context = contexts.with(KEY, entry)
      handling = true
      local ok, raised = pcall(domain.emit, domain, "error", err)
      handling = false
      if ok then
        queue.context = contexts.with(KEY, nil)
        return true
      end
      err = raised
      if not entry then error(raised, 0) end
    end
  end
  queue.context = false
  return false
end

-- From there too: a rejected promise that nobody handled; true when the domain it was rejected in has taken it.
function M._rejected(reason, p)
  local context = p._rejected_in
  local entry = context and context[KEY]
  if not entry then return false end
  entry.domain:emit("error", reason)
  return true
end

-- ---- emitters

local prototype = EventEmitter.prototype
local emit, initialize = prototype.emit, prototype.initialize

function prototype:initialize(options)
  local domain = active()
  if domain and not Domain:is(self) then shape.hide(self, "domain", domain) end
  return initialize(self, options)
end

function prototype:emit(name, ...)
  local domain = self.domain
  if type(domain) ~= "table" or domain == null or domain == self or rawget(self, "_events") == nil and name ~= "error" then return emit(self, name, ...) end
  if name == "error" and self:listenerCount "error" == 0 then
    local err = ...
    if err == nil or err == null or err == false then err = errors.ERR_UNHANDLED_ERROR(err) end
    mark(err, domain, false, "domainEmitter", self)
    -- Outside of it, as its handlers always run.
    local before, none_before = queue.context, none
    local entry = innermost()
    while entry and entry.domain == domain do entry = outer_of(entry) end
    queue.context = contexts.with(KEY, entry)
    if not entry then none = null end
    local ok, result = pcall(domain.emit, domain, "error", err)
    queue.context, none = before, none_before
    if not ok then error(result, 0) end
    return result
  end
  domain:enter()
  return leave(domain, emit(self, name, ...))
end

-- ---- the module

function M.create() return Domain() end
M.createDomain = M.create

-- process.domain: the active one; JavaScript is given null where there is none, undefined in handlers.
function M._current()
  local domain = active()
  if domain then return domain end
  if not handling then return none end
end

-- The domains that are entered, the outermost first.
local function stack()
  local list, entry = {}, innermost()
  while entry do
    table.insert(list, 1, entry.domain)
    entry = outer_of(entry)
  end
  return shape.list(list)
end

local Process = getmetatable(require "lunode.process").class
if Process then
  Process:accessor("domain", active, function() end)
end

EventEmitter.static.usingDomains = true
-- ---- signatures, for the reference (docs/api/README.md)
-- create, createDomain() -> domain.Domain: deprecated, as in Node
-- enter(): makes it the domain of what follows
-- remove(emitter: events.EventEmitter): takes it out again

return require "lunode.internal.lazy"(M, {}, { active = { active }, _stack = { stack } })
