-- SPDX-License-Identifier: MIT
--
-- Function -> its promise-returning form, for util.promisify. Functions have no fields in Lua, hence a table beside them.
-- JavaScript's functions have: theirs is under the symbol Symbol.for('nodejs.util.promisify.custom'), the metatable's `symbol`.
return setmetatable({}, { __mode = "k", symbol = require("lunode.internal.symbols")["for"] "nodejs.util.promisify.custom" })
