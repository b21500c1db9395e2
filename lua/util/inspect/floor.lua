-- SPDX-License-Identifier: MIT
--
-- What inspect (and format) stand on: the models. A model answers for the values of one language; Lua's is lua_model.lua, JavaScript's
-- prelude puts its own in front of it, and need not write a second inspect:
--
--   local floor = require "lunode.util.inspect.floor"
--   floor.undefined = "undefined"            how nil is printed
--   table.insert(floor.models, 1, model)     models are asked in order; Lua's takes what no other claims
--   floor.model_text = f                     f(value) -> text: an Error's `stack`, `name` or `message` that is no string (default tostring)
-- (validators.door.inspect, a function, is called when inspect is loaded: the place to do it.)
--
--   floor.kinds.thing = function(ctx, view) … end   a layout for a kind of values that is none of kinds.lua's
--
-- A model is a table of functions. Those without which it does not work:
--
--   claims(value)            does the model answer for this value? (every value but strings, numbers, booleans and nil is asked for)
--   kind(value)              a name in floor.kinds: "object" "array" "map" "set" "promise" "error" "function" …
--   constructor(value, ctx)  the name to print, nil for a null prototype; may be any text ("Foo <Complex prototype> {}")
--   keys(value, hidden, kind)  a new list of the keys to be printed, in order; not the indices of arrays, typed arrays and strings;
--                            with `hidden` also the not enumerable ones
--   property(value, key)     -> value, get, set, hidden: a data property's value, or an accessor's functions; hidden: not enumerable
--   key(key)                 -> the key as text, or nil for what is printed in brackets by ctx:value (a symbol, in Lua any value)
--   get(value, key)          an ordinary read: inherited, through accessors; may raise. As a key it takes any string.
--
-- Others have a default (that of a value which is nothing special), or are asked only for the kinds in parentheses:
--
--   tag(value, name)         Symbol.toStringTag where it says more than the name, else nil; not for an own enumerable one
--   custom(value)            the object's own inspect function(self, depth, options, inspect), or nil
--   inspect                  the inspect function that such a function is given
--   proxy(value)             -> target, handler of a proxy
--   call(fn, this)           calls a getter (default: fn(this))
--   inherited(value)         with showHidden: list of {key =, value =, get =, set =} from the prototypes of the program's own classes
--   callable(value)          a function, class or callable value? (objects of kind "function" and "class" in getters; default: type)
--   length(value)  element(value, i)          (array, typed) i from 1
--   named_by_key             true: a function without a name is shown with that of the property that holds it
--   first                    the number of a list's first element, as console.table prints it (default 0)
--   indices(value)           (array) nil for an array without holes, else the sorted list of the indices that are there, from 1
--   extras(value)            (typed) list of {name, value} that showHidden prints: BYTES_PER_ELEMENT, length …; (view) of byteLength …
--   type_name(value)         (typed, boxed, function, buffer) "Uint8Array", "Number", "AsyncFunction", "SharedArrayBuffer" …
--   entries(value)           (map) list {key, value, key, value …, n = twice the size}; (set) list of values with n; (iterator) such a
--                            list, n, and whether it is of pairs; (weak) the same as of the map or set, for showHidden
--   promise(value)           (promise) -> "pending", "fulfilled" or "rejected", and the result
--   text(value)              (date, regexp, symbol, primitive) its text; (primitive) and the style
--   name(value)              (function, class) its name, "" for none; (class) and the parent's, false for a null prototype
--   unboxed(value)           (boxed) the primitive
--   bytes(value)             (buffer) a byte string, nil for a detached one
--   internal(file line)      is a line of a stack the runtime's own?
--
-- For deep_equal: prototype(value), what two equal values must have in common (default: the constructor's name); make(value), the same for
-- loose comparison too (Object.prototype.toString). floor.loosely_equal(a, b): == of two primitives.
-- For format: text_of(value) -> what %s makes of an object that has words of its own, else nil; number_of(value) -> what %d makes of an
-- object (default NaN); json(value) -> what %j prints.
local M = { undefined = "nil", models = {} }

function M.model_of(value)
  local models = M.models
  for i = 1, #models do
    local model = models[i]
    if model.claims(value) then return model end
  end
  return M.lua
end

return M
