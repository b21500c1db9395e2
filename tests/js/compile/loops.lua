local rt = ...; local catch, less, throw, try, typeof = rt.catch, rt.less, rt.throw, rt.try, rt.typeof; return function(this, exports, require, module, __filename, __dirname) local T = {}; local function find(this, list, wanted)
    do local i = 0; while less(i, list.length) do
      if list[i + 1] == wanted then return i end; i = i + 1 end end

    return -1
  end

  local function kind(this, n)
    do local t1 = typeof(n)
      if t1 == "number" or
      t1 == "bigint" then
        return "numeric"
      else
        return "other" end end

  end

  local function tryAll(this, jobs) local S5 = {}
    S5.failed = 0
    for i = 0, 9 do
      do local t1, t2, t3 = try(T[1] or rt.keep(T, 1, function(this, i, jobs)
        jobs[i + 1](jobs) end), this, i, jobs)
      if not t1 then t1, t2, t3 = try(T[2] or rt.keep(T, 2, function(this, S5, t2) local error = catch(t2)
        S5.failed = S5.failed + 1
        if S5.failed > 3 then return 2 end end), this, S5, t2) end
      do
        console:log(i) end; if not t1 then throw(t2); elseif t2 == 2 then break end end end


    return S5.failed
  end
end, "- 5 0 511\nn 2 0 128 find\nn 1 130 273 kind\nn 1 275 510 tryAll\n-\n-"
