-- SPDX-License-Identifier: MIT
--
-- Date (ECMA-262, clause 21.4). A date's slot holds its time value: milliseconds since 1970 in UTC, NaN when invalid.
local rt = ...
local L = rt.lua
local type, getmetatable, setmetatable, rawget, rawset, select, tonumber, ipairs = L.type, L.getmetatable, L.setmetatable, L.rawget, L.rawset, L.select,
  L.tonumber, L.ipairs
local floor, abs, huge = L.math.floor, L.math.abs, L.math.huge
local format, match, find, sub, lower = L.string.format, L.string.match, L.string.find, L.string.sub, L.string.lower
local os_date = L.os.date
local tonum, toint, native, is_object, text = rt.tonum, rt.toint, rt.native, rt.is_object, rt.text
local SYMBOL, DATA, G = rt.symbols, rt.DATA, rt.global

local DAY = 86400000
local DAYS = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }

-- ---- arithmetic

-- Days since 1970 of the first of a month (0 … 11, any integer goes).
local function days_of(year, month)
  year = year + floor(month / 12)
  month = month % 12
  local y = month <= 1 and year - 1 or year
  local era = floor(y / 400)
  local yoe = y - era * 400
  local m = month + 1
  local doy = floor((153 * (m + (m > 2 and -3 or 9)) + 2) / 5)
  local doe = yoe * 365 + floor(yoe / 4) - floor(yoe / 100) + doy
  return era * 146097 + doe - 719468
end

-- -> year, month (0 …), day, hours, minutes, seconds, ms, weekday
local function split(t)
  local days = floor(t / DAY)
  local rest = t - days * DAY
  local z = days + 719468
  local era = floor(z / 146097)
  local doe = z - era * 146097
  local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524) - floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + floor(yoe / 4) - floor(yoe / 100))
  local mp = floor((5 * doy + 2) / 153)
  local day = doy - floor((153 * mp + 2) / 5) + 1
  local month = mp < 10 and mp + 2 or mp - 10
  local year = yoe + era * 400 + (month <= 1 and 1 or 0)
  return year, month, day, floor(rest / 3600000), floor(rest / 60000) % 60, floor(rest / 1000) % 60, rest % 1000, (days + 4) % 7
end

local function finite(n) return n - n == 0 end

local function make_day(year, month, day)
  if not finite(year) or not finite(month) or not finite(day) then return 0 / 0 end
  year, month, day = toint(year), toint(month), toint(day)
  if abs(year) > 400000 or abs(month) > 5000000 then return 0 / 0 end
  return days_of(year, month) + day - 1
end

local function make_time(h, m, s, ms)
  if not (finite(h) and finite(m) and finite(s) and finite(ms)) then return 0 / 0 end
  return toint(h) * 3600000 + toint(m) * 60000 + toint(s) * 1000 + toint(ms)
end

local function make_date(day, time)
  local t = day * DAY + time
  if not finite(t) then return 0 / 0 end
  return t
end

local function clip(t)
  if not finite(t) or abs(t) > 8.64e15 then return 0 / 0 end
  return toint(t) + 0
end

-- ---- the local time zone, as the C library knows it

-- Offset in ms of local time at UTC time t.
local function offset_at(t)
  local s = floor(t / 1000)
  if s > 67767976233529199 or s < -67768040609712422 then return 0 end
  local d = os_date("*t", s)
  if not d then return 0 end
  local as_utc = days_of(d.year, d.month - 1) * DAY + (d.day - 1) * DAY + d.hour * 3600000 + d.min * 60000 + d.sec * 1000
  return as_utc - s * 1000
end

local function to_local(t) return t + offset_at(t) end
local function to_utc(t)
  if not finite(t) then return 0 / 0 end
  local guess = t - offset_at(t)
  local again = t - offset_at(guess)
  if again == guess then return guess end
  -- across a change: the offset before it counts
  local third = t - offset_at(again)
  if third == again then return again end
  return t - offset_at(L.math.min(guess, again) - 3600000)
end

local function zone_name(t)
  local name = os_date("%Z", floor(t / 1000))
  if name == "UTC" or name == "GMT" then return "Coordinated Universal Time" end
  return name
end

-- ---- text

local function year_text(y) return y < 0 and format("-%04d", -y) or format("%04d", y) end

local function date_part(t)
  local y, m, d, _, _, _, _, w = split(to_local(t))
  return format("%s %s %02d ", DAYS[w + 1], MONTHS[m + 1], d) .. year_text(y)
end

local function time_part(t)
  local offset = offset_at(t) / 60000
  local _, _, _, h, m, s = split(to_local(t))
  local sign = offset < 0 and "-" or "+"
  offset = abs(offset)
  return format("%02d:%02d:%02d GMT%s%02d%02d (%s)", h, m, s, sign, floor(offset / 60), offset % 60, zone_name(t))
end

local function iso_text(t)
  local y, m, d, h, min, s, ms = split(t)
  local year = (y < 0 or y > 9999) and format("%s%06d", y < 0 and "-" or "+", abs(y)) or format("%04d", y)
  return format("%s-%02d-%02dT%02d:%02d:%02d.%03dZ", year, m + 1, d, h, min, s, ms)
end

-- ---- parsing

local function parse_iso(s)
  local year, rest = match(s, "^([+-]%d%d%d%d%d%d)(.*)$")
  if not year then year, rest = match(s, "^(%d%d%d%d)(.*)$") end
  if year == "-000000" then return 0 / 0 end
  if not year then return nil end
  local month, day = 1, 1
  local m, after = match(rest, "^%-(%d%d)(.*)$")
  if m then
    month, rest = tonumber(m), after
    m, after = match(rest, "^%-(%d%d)(.*)$")
    if m then day, rest = tonumber(m), after end
  end
  local hours, minutes, seconds, ms, zone = 0, 0, 0, 0, nil
  local timed = false
  if rest ~= "" then
    local h, min, tail = match(rest, "^[T ](%d%d):(%d%d)(.*)$")
    if not h then return nil end
    timed = true
    hours, minutes, rest = tonumber(h), tonumber(min), tail
    local sec, more = match(rest, "^:(%d%d)(.*)$")
    if sec then
      seconds, rest = tonumber(sec), more
      local fraction
      fraction, more = match(rest, "^%.(%d+)(.*)$")
      if fraction then ms, rest = floor(tonumber("0." .. fraction) * 1000 + 1e-9), more end
    end
    if rest == "Z" then zone = 0 elseif rest ~= "" then
      local sign, zh, zm = match(rest, "^([+-])(%d%d):?(%d%d)$")
      if not sign then return nil end
      zone = (tonumber(zh) * 60 + tonumber(zm)) * (sign == "-" and -1 or 1)
    end
  end
  if month < 1 or month > 12 or day < 1 or day > 31 or minutes > 59 or seconds > 59 or hours > 24 or hours == 24 and (minutes > 0 or seconds > 0 or ms > 0) then
    return 0 / 0
  end
  local t = make_date(make_day(tonumber(year), month - 1, day), make_time(hours, minutes, seconds, ms))
  if timed and zone == nil then return to_utc(t) end
  return t - (zone or 0) * 60000
end

local zones = { gmt = 0, utc = 0, ut = 0, z = 0, est = -300, edt = -240, cst = -360, cdt = -300, mst = -420, mdt = -360, pst = -480, pdt = -420 }

-- What toString and its kin write, and the looser forms that people do.
local function parse_loose(s)
  s = L.string.gsub(s, "%b()", " ")
  local year, month, day, hours, minutes, seconds, ms, zone, pm
  hours, minutes, seconds, ms = nil, 0, 0, 0
  local numbers = {}
  local at = 1
  while at <= #s do
    local h, m, stop = match(s, "^(%d%d?):(%d%d)()", at)
    if h and hours == nil then
      hours, minutes, at = tonumber(h), tonumber(m), stop
      local sec, next_stop = match(s, "^:(%d%d)()", at)
      if sec then
        seconds, at = tonumber(sec), next_stop
        local fraction
        fraction, next_stop = match(s, "^%.(%d+)()", at)
        if fraction then ms, at = floor(tonumber("0." .. fraction) * 1000), next_stop end
      end
    else
      local sign, zone_digits
      sign, zone_digits, stop = match(s, "^([+-])(%d%d:?%d%d)()", at)
      if sign and hours then
        zone_digits = L.string.gsub(zone_digits, ":", "")
        zone = (zone or 0) + (tonumber(sub(zone_digits, 1, 2)) * 60 + tonumber(sub(zone_digits, 3))) * (sign == "-" and -1 or 1)
        at = stop
      else
        local number
        number, stop = match(s, "^(%d+)()", at)
        if number then
          numbers[#numbers + 1] = number
          at = stop
        else
          local word
          word, stop = match(s, "^(%a+)%.?()", at)
          if word then
            local low = lower(word)
            local known = zones[low]
            if known and hours then zone = known
            elseif low == "am" or low == "pm" then pm = low
            else
              local short = sub(low, 1, 3)
              local found = false
              if #low >= 3 then
                for i, name in ipairs(MONTHS) do if lower(name) == short then month, found = i, true end end
                for _, name in ipairs(DAYS) do if lower(name) == short then found = true end end
              end
              if not found and low ~= "t" then return 0 / 0 end
            end
            at = stop
          else
            at = at + 1
          end
        end
      end
    end
  end
  if month then
    if #numbers < 2 then
      if #numbers == 1 then day, year = 1, numbers[1] else return 0 / 0 end
    elseif #numbers[1] > 2 then year, day = numbers[1], tonumber(numbers[2])
    else day, year = tonumber(numbers[1]), numbers[2] end
  elseif #numbers >= 3 then
    if #numbers[1] > 2 then year, month, day = numbers[1], tonumber(numbers[2]), tonumber(numbers[3])
    else month, day, year = tonumber(numbers[1]), tonumber(numbers[2]), numbers[3] end
  else
    return 0 / 0
  end
  local y = tonumber(year)
  if #year <= 2 then y = y < 50 and 2000 + y or 1900 + y end
  if pm == "pm" and (hours or 0) < 12 then hours = (hours or 0) + 12 elseif pm == "am" and hours == 12 then hours = 0 end
  if month < 1 or month > 12 or day < 1 or day > 31 or (hours or 0) > 24 or minutes > 59 or seconds > 59 then return 0 / 0 end
  local t = make_date(make_day(y, month - 1, day), make_time(hours or 0, minutes, seconds, ms))
  if zone == nil then return to_utc(t) end
  return t - zone * 60000
end

local function parse(s)
  s = rt.trim_end(rt.trim_start(s))
  local t = parse_iso(s)
  if t == nil then
    local sign, rest = match(s, "^(%a%a%a %a%a%a %d%d )%-(%d%d%d%d%d%d.*)$")
    if sign then -- toString of a year before 0
      local year, tail = match(rest, "^(%d%d%d%d%d%d)(.*)$")
      local positive = parse_loose(sign .. "2000" .. tail)
      local _, m, d, h, min, sec, ms = split(positive)
      t = make_date(make_day(-tonumber(year), m, d), make_time(h, min, sec, ms))
    else
      t = parse_loose(s)
    end
  end
  return clip(t)
end

-- ---- the class

local function now()
  local gettime = rt.wall_clock
  return gettime()
end

local realtime = L.require("lunode.internal.clock").realtime
function rt.wall_clock()
  local sec, nsec = realtime()
  return sec * 1000 + floor(nsec / 1000000)
end

local function is_date(v)
  if type(v) ~= "table" then return false end
  local t = rawget(v, DATA)
  return type(t) == "table" and t.date ~= nil
end

local function time_of(this)
  if type(this) == "table" then
    local d = rawget(this, DATA)
    if type(d) == "table" and d.date then return d.date end
  end
  rt.type_error "this is not a Date object."
end

local function from_parts(...)
  local n = select("#", ...)
  local parts = { 0 / 0, 0, 1, 0, 0, 0, 0 }
  for i = 1, n < 7 and n or 7 do parts[i] = tonum((select(i, ...))) end
  local y = parts[1]
  if y == y then
    local whole = toint(y)
    if whole >= 0 and whole <= 99 then y = 1900 + whole end
  end
  return make_date(make_day(y, parts[2], parts[3]), make_time(parts[4], parts[5], parts[6], parts[7]))
end

function rt.install_date()
  local P = rt.object_of(rt.ObjectPrototype)
  local function shape_for(proto)
    local root = rt.root_of(proto)
    root.class = "Date"
    return root
  end
  local Date = rt.global_class("Date", 7, function()
    local t = now()
    return date_part(t) .. " " .. time_part(t)
  end, function(target, ...)
    local n, v = select("#", ...), ...
    local t
    if n == 0 then t = now()
    elseif n == 1 then
      if is_date(v) then t = rawget(v, DATA).date else
        v = rt.to_primitive(v)
        if type(v) == "string" then t = parse(v) else t = clip(tonum(v)) end
      end
    else
      t = clip(to_utc(from_parts(...)))
    end
    local proto = rt.target_prototype(target)
    local o = setmetatable({}, shape_for(is_object(proto) and proto or P))
    rawset(o, DATA, { date = t })
    return o
  end, P)
  rt.methods(Date, {
    "now", 0, function() return now() end,
    "parse", 1, function(_, s) return parse(text(s)) end,
    "UTC", 7, function(_, ...) return clip(from_parts(...)) end,
  })

  -- getters: name, index in split's results
  local fields = { FullYear = 1, Month = 2, Date = 3, Hours = 4, Minutes = 5, Seconds = 6, Milliseconds = 7, Day = 8 }
  for name, index in L.pairs(fields) do
    rt.methods(P, {
      "get" .. name, 0, function(this)
        local t = time_of(this)
        if t ~= t then return t end
        return (select(index, split(to_local(t))))
      end,
      "getUTC" .. name, 0, function(this)
        local t = time_of(this)
        if t ~= t then return t end
        return (select(index, split(t)))
      end,
    })
  end

  -- setters: name, which parts from which on, how many
  local function setter(name, utc, first, count)
    return native(name, count, function(this, ...)
      local t = time_of(this)
      local d = rawget(this, DATA)
      local n = select("#", ...)
      local given = {}
      for i = 1, L.math.min(L.math.max(n, 1), count) do given[i] = tonum((select(i, ...))) end
      if t ~= t then
        if first ~= 1 then return t end
        t = 0
      elseif not utc then
        t = to_local(t)
      end
      local parts = { split(t) }
      for i = 1, #given do parts[first + i - 1] = given[i] end
      local result
      if first <= 3 then
        result = make_date(make_day(parts[1], parts[2], parts[3]), t % DAY)
      else
        result = make_date(floor(t / DAY), make_time(parts[4], parts[5], parts[6], parts[7]))
      end
      if not utc then result = to_utc(result) end
      d.date = clip(result)
      return d.date
    end)
  end
  for _, each in ipairs { { "FullYear", 1, 3 }, { "Month", 2, 2 }, { "Date", 3, 1 }, { "Hours", 4, 4 }, { "Minutes", 5, 3 }, { "Seconds", 6, 2 }, { "Milliseconds", 7, 1 } } do
    rt.hide(P, "set" .. each[1], setter("set" .. each[1], false, each[2], each[3]))
    rt.hide(P, "setUTC" .. each[1], setter("setUTC" .. each[1], true, each[2], each[3]))
  end

  -- With a locale or options it is Intl's; `need` and `fill` as DateTimeFormat has them.
  local function localized(need, fill, f)
    return function(this, locales, options)
      local t = time_of(this)
      if t ~= t then return "Invalid Date" end
      if locales == nil and options == nil then return f(t) end
      rt.part "intl"
      return (rt.intl.date(nil, t, locales, options, need, fill))
    end
  end
  local function shown(f)
    return function(this)
      local t = time_of(this)
      if t ~= t then return "Invalid Date" end
      return f(t)
    end
  end
  local function utc_text(t)
    local y, m, d, h, min, s, _, w = split(t)
    return format("%s, %02d %s ", DAYS[w + 1], d, MONTHS[m + 1]) .. year_text(y) .. format(" %02d:%02d:%02d GMT", h, min, s)
  end
  local function locale_date(t)
    local y, m, d = split(to_local(t))
    return format("%d/%d/%d", m + 1, d, y)
  end
  local function locale_time(t)
    local _, _, _, h, m, s = split(to_local(t))
    return format("%d:%02d:%02d %s", (h + 11) % 12 + 1, m, s, h < 12 and "AM" or "PM")
  end
  rt.methods(P, {
    "getTime", 0, function(this) return time_of(this) end,
    "valueOf", 0, function(this) return time_of(this) end,
    "setTime", 1, function(this, v)
      time_of(this)
      local t = clip(tonum(v))
      rawget(this, DATA).date = t
      return t
    end,
    "getTimezoneOffset", 0, function(this)
      local t = time_of(this)
      if t ~= t then return t end
      return -offset_at(t) / 60000 + 0
    end,
    "getYear", 0, function(this)
      local t = time_of(this)
      if t ~= t then return t end
      return (split(to_local(t))) - 1900
    end,
    "setYear", 1, function(this, v)
      local t = time_of(this)
      v = tonum(v)
      local d = rawget(this, DATA)
      if v ~= v then
        d.date = v
        return v
      end
      t = t ~= t and 0 or to_local(t)
      local y = toint(v)
      if y >= 0 and y <= 99 then y = y + 1900 end
      local _, m, day = split(t)
      d.date = clip(to_utc(make_date(make_day(y, m, day), t % DAY)))
      return d.date
    end,
    "toString", 0, shown(function(t) return date_part(t) .. " " .. time_part(t) end),
    "toDateString", 0, shown(date_part),
    "toTimeString", 0, shown(time_part),
    "toUTCString", 0, shown(utc_text),
    "toLocaleString", 0, localized("any", "all", function(t) return locale_date(t) .. ", " .. locale_time(t) end),
    "toLocaleDateString", 0, localized("date", "date", locale_date),
    "toLocaleTimeString", 0, localized("time", "time", locale_time),
    "toISOString", 0, function(this)
      local t = time_of(this)
      if t ~= t then rt.range_error "Invalid time value" end
      return iso_text(t)
    end,
    "toJSON", 1, function(this)
      local o = rt.toobject(this)
      local v = rt.to_primitive(o, "number")
      if type(v) == "number" and not finite(v) then return rt.null end
      return (o:toISOString())
    end,
  })
  rt.hide(P, "toGMTString", P.toUTCString)
  rt.readonly(P, SYMBOL.toPrimitive, native("[Symbol.toPrimitive]", 1, function(this, hint)
    if not is_object(this) then rt.type_error "Date.prototype[Symbol.toPrimitive] called on non-object" end
    if hint == "string" or hint == "default" then return rt.ordinary_to_primitive(this, "toString", "valueOf") end
    if hint == "number" then return rt.ordinary_to_primitive(this, "valueOf", "toString") end
    rt.type_error("Invalid hint: " .. rt.show(hint))
  end))
end
