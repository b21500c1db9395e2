local rt = ...; local array, null, setmeta = rt.array, rt.null, rt.setmeta; return function(this, exports, require, module, __filename, __dirname) local util, Counter, main; goto early1_1; ::main1_0:: do
  util = require(nil, "util")

  module.exports = function(this, w, h) if h == nil then h = w end
    return w * h
  end

  do local _count_2 = rt.private("#count"); local C1, P1; C1, P1 = rt.class("Counter", (Base or rt.missing("Base")),
    "fields", nil, function(this) do rt.privatefield(this, _count_2, 0) end end,
    "constructor", nil, function(newtarget, name) local this
      do this = rt.super(C1, newtarget, name) end
      ;(this or rt.nothis()).name = name; return rt.result(nil, this)
    end); Counter = C1
    rt.method(C1, "method", "next", function(this) do local t1 = rt.tonumeric(rt.getprivate(this, _count_2)); rt.setprivate(this, _count_2, t1 + 1); return t1 end end) end


  main(nil) end; goto main1_1; ::early1_1::

  main = function(this)
    local log, names; do local t1 = util; log = t1.log; do local t2 = t1.names; if t2 == nil then t2 = setmeta({length = 0}, array) end; names = t2; end end
    local text = rt.buffer("")
    for _, name in rt.each(names) do do
      if name == nil or name == null then goto continue_1 end
      text:put(rt.text(name) .. ", ") end; ::continue_1:: end

    return rt.logor(rt.joined(text:tostring()), "none")
  end; goto main1_0; ::main1_1::
end, "-s 5 0 450\nns 1 62 105 area\n-\nDs 1 108 252 Counter	this name .\nMs 0 218 250 next\nns 0 263 449 main"
