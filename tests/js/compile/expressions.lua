local rt = ...; local array, null, plus, setmeta, tostr, truthy, typeof = rt.array, rt.null, rt.plus, rt.setmeta, rt.tostr, rt.truthy, rt.typeof; local K = rt.shapes("a b-c end list sum"); return function(this, exports, require, module, __filename, __dirname) local a = 1; local b = "x" .. tostr(a); local c = not truthy(a) and null or b
  local o = setmeta({a = a, ["b-c"] = 2, ["end"] = 3, list = rt.holey(setmeta({1, nil, 3, length = 3}, array), {2}), sum = function(this, x) this = rt.sloppy(this); return plus(this.a, x) end}, K[1])
  o["end"] = plus(o["end"], o["b-c"] * 2)
  do do local t1; local t2 = o.f; if t2 ~= nil and t2 ~= null then local t3 = t2(o, a); if t3 ~= nil and t3 ~= null then t1 = t3["then"](t3); end; end end end
  do local t4 = o.list; local t5 = rt.tonumeric(a); a = t5 + 1; local t6 = t4[t5 + 1]; b = t6; a = t6 end
  if truthy(a) and not truthy(b) or truthy(c) then o["end"] = nil end
  local s; do local t7 = a; if t7 == nil or t7 == null then t7 = o.a; end; s = t7 end; local t = typeof(s) == "string"; local u = -a - -1
end, "- 5 0 274\nM 1 88 117 sum"
