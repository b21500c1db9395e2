-- SPDX-License-Identifier: MIT
--
-- assert in strict mode: require "assert/strict" (Node 20 docs: Assert, Strict assertion mode).
return require("lunode.assert").strict
