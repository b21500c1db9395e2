-- SPDX-License-Identifier: MIT
-- util.inspect.custom: the key under which an object keeps its own inspect function (self, depth, options, inspect) -> text.
return require("lunode.internal.symbols")["for"] "nodejs.util.inspect.custom"
