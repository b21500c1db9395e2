-- SPDX-License-Identifier: MIT
-- util.inspect.custom: the key under which an object keeps its own inspect function (self, depth, options, inspect) -> text.
return setmetatable({}, { __tostring = function() return "Symbol(nodejs.util.inspect.custom)" end })
