-- SPDX-License-Identifier: MIT
--
-- PassThrough: a Transform that changes nothing.
local class = require "lunode.internal.class"
local validators = require "lunode.internal.validators"
local Transform = require "lunode.stream.transform"

local PassThrough = class("PassThrough", Transform)

function PassThrough:_transform(chunk, _, cb) validators.callback(cb, "callback")(nil, chunk) end

return PassThrough
