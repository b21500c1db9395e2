local rt = ...; local catch, null, throw, try = rt.catch, rt.null, rt.throw, rt.try; return function(this, exports, require, module, __filename, __dirname) local T = {};
  local function parse(this, text, reviver)
    do local t1, t2, t3 = try(T[1] or rt.keep(T, 1, function(this, reviver, text)
      return 1, (JSON:parse(text, reviver)) end), this, reviver, text)
    if not t1 then local e = catch(t2)
      return null; elseif t2 == 1 then return t3 end end

  end
  local function count(this, ...) local S5 = {}; local list = ...; local t1 = rt.select("#", ...); if t1 > 3700 then t1 = rt.many(...) end
    S5.n = 0
    do local t2, t3, t4 = try(T[2] or rt.keep(T, 2, function(this, S5, list)
      for _, x in rt.each(list) do S5.n = S5.n + 1 end end), this, S5, list)
    do
      console:log(S5.n, t1) end; if not t2 then throw(t3) end end

  end
  local function first(this, ...) local fallback = ...; local t1 = rt.select("#", ...); local t2, t3 = ...; if t1 > 3700 then t1 = rt.many(...) end
    do local t4; if t1 > 1 then t4 = t3; else t4 = fallback; end; return t4 end
  end
end, "- 5 0 439\nn 2 103 219 parse\n-\nn 1 220 352 count\n-\nn 1 353 438 first"
