-- SPDX-License-Identifier: MIT
--
-- Function -> its promise-returning form, for util.promisify. Functions have no fields in Lua, hence a table beside them.
return setmetatable({}, { __mode = "k" })
