-- SPDX-License-Identifier: MIT
--
-- The reference and LuaLS's stubs, from the modules as they are at run time and the comments above their definitions:
--
--   lunode docs/api/generate.lua OUT     writes OUT/<module>.md, OUT/README.md and OUT/library/<module>.lua
--
-- What is read of a comment block that stands directly above a function or a class:
--
--   name(a: T, b?: U, ...: V) -> R       a line of this form, its first or any other, is a signature, with LuaLS's types or without;
--                                        `a, b, c(…)` are several functions with the same one.
--                                        Without one the parameters are those of the definition, typed by their names (TYPES).
--   Example:                             the indented lines that follow are a program; `--> text` says what it prints.
--   everything else                      text; lines indented by two blanks or more are shown as they are.
--
-- As a module it returns { modules = …, examples = …, undocumented = … }, which the tests use.
local class = require "lunode.internal.class"
local fs = require "lunode.fs"

-- What parameters of these names are, throughout.
local TYPES = {
  path = "string|Buffer|url.URL", file = "string|Buffer|url.URL|integer", fd = "integer", mode = "integer|string", flags = "string|integer",
  options = "table", listener = "function", callback = "function", cb = "function", fn = "function", done = "function",
  event = "string", eventName = "string", name = "string", encoding = "string", chunk = "string|Buffer", data = "string|Buffer",
  size = "integer", length = "integer", offset = "integer", position = "integer", start = "integer", finish = "integer", n = "integer",
  port = "integer", host = "string", address = "string", hostname = "string", family = "integer|string", backlog = "integer",
  signal = "AbortSignal", ms = "number", delay = "number", timeout = "number", code = "integer", message = "string", err = "any", error = "any",
  emitter = "events.EventEmitter", stream = "stream.Stream", buffer = "Buffer", value = "any", key = "string", text = "string", url = "string|url.URL",
}

local M = {}

-- ---- sources

local root = (debug.getinfo(1, "S").source:match "^[@=](.*)docs/api/generate%.lua$" or "") .. "lua/"
if root:sub(1, 1) ~= "/" and not fs.existsSync(root) then root = process.cwd() .. "/lua/" end

local files = {} -- name ("fs/streams") -> lines
local function lines_of(name)
  if files[name] then return files[name] end
  local lines, path = {}, root .. name .. ".lua"
  if fs.existsSync(path) then
    for line in (fs.readFileSync(path, "utf8") .. "\n"):gmatch "(.-)\n" do lines[#lines + 1] = line end
  end
  files[name] = lines
  return lines
end

local function file_of(fn)
  local info = debug.getinfo(fn, "S")
  return info.source:match "^[@=]lunode:(.*)$" or info.source:match "lunode/(.*)%.lua$", info.linedefined
end

-- The comment that ends above line `n`, without its dashes.
local function comment_above(lines, n)
  local first = n
  while first > 1 and lines[first - 1]:find "^%s*%-%-" and not lines[first - 1]:find "^%s*%-%- %-%-%-%-" do first = first - 1 end
  local out = {}
  for i = first, n - 1 do
    local text = lines[i]:gsub("^%s*%-%-+ ?", "", 1)
    if not text:find "^SPDX" then out[#out + 1] = text end
  end
  while out[1] == "" do table.remove(out, 1) end
  while out[#out] == "" do out[#out] = nil end
  return out
end

-- What a file says of itself.
local function header(name)
  local lines, last = lines_of(name), 1
  while lines[last] and lines[last]:find "^%-%-" do last = last + 1 end
  return comment_above(lines, last)
end

-- ---- signatures

-- "a: T, b?: fun(x, y), ..." -> { { name =, type =, optional = }, … }
local function parameters(text)
  local list, depth, from = {}, 0, 1
  local function add(to)
    local part = text:sub(from, to):match "^%s*(.-)%s*$"
    if part == "" then return end
    local name, optional, kind = part:match "^([%w_.]+)(%??)%s*:%s*(.+)$"
    if not name then name, optional = part:match "^([%w_.]+)(%??)$" end
    if name then list[#list + 1] = { name = name, type = kind, optional = optional == "?" } end
  end
  for i = 1, #text do
    local c = text:sub(i, i)
    if c:find "[%(%[{<]" then depth = depth + 1
    elseif c:find "[%)%]}>]" then depth = depth - 1
    elseif c == "," and depth == 0 then
      add(i - 1)
      from = i + 1
    end
  end
  add(#text)
  return list
end

-- A comment's line that is a signature of `name` -> parameters, the rest of the line
local function signature(line, name)
  local called, args, rest = line:match "^([%w_.:, ]+)(%b())%s*(.*)$"
  if not called then return nil end
  for each in called:gmatch "[^,]+" do
    if each:match "([%w_]+)%s*$" == name then return parameters(args:sub(2, -2)), rest end
  end
end

-- The definition's own parameters.
local function defined(line)
  local args = line and line:match "function[%s%w_.:]*(%b())"
  if not args then return nil end
  local list = parameters(args:sub(2, -2))
  if list[1] and list[1].name == "self" then table.remove(list, 1) end
  return list
end

local function typed(list)
  for _, p in ipairs(list) do
    if not p.type then
      p.type = TYPES[p.name] or "any"
      p.guessed = true
    end
  end
  return list
end

-- -> { name, kind = "function" | "method", params, returns, text } from a comment and the line of the definition
local function entry(name, comment, line)
  local e = { name = name, text = {} }
  for _, text in ipairs(comment) do
    local params, rest
    if not e.params then params, rest = signature(text, name) end
    if params then
      e.params, e.signed = params, true
      local returns, more = rest:match "^%->%s*([^:;]+)%s*[:;]?%s*(.*)$"
      if returns then
        e.returns, rest = returns:match "^(.-)%s*$", more
      else
        rest = rest:gsub("^[:;]%s*", "")
      end
      if rest ~= "" then e.text[#e.text + 1] = rest end
    else
      e.text[#e.text + 1] = text
    end
  end
  e.params = typed(e.params or defined(line) or { { name = "..." } })
  return e
end

-- ---- modules

local function sorted(t, keep)
  local names = {}
  for name, value in pairs(t) do
    if type(name) == "string" and not name:find "^_" and keep(value, name) then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- Where in the files of a module something of this name is defined or signed: for functions that one closure stands for.
local function look_up(folder, name)
  for _, file in ipairs(folder) do
    for _, line in ipairs(lines_of(file)) do
      local said = line:match "^%s*%-%-+%s?(.*)$"
      if said and signature(said, name) then return { said }, nil end
    end
  end
  for _, file in ipairs(folder) do
    local lines = lines_of(file)
    for i, line in ipairs(lines) do
      if line:find("function%s+[%w_.]*[.:]" .. name .. "%s*%(") or line:find("^%s*" .. name .. "%s*=%s*function%s*%(") then return comment_above(lines, i), line end
    end
  end
end

local function folder_of(name)
  local top, list = name:match "^[^/]+", { name }
  if top ~= name then list[#list + 1] = top end
  if fs.existsSync(root .. top) then
    for _, file in ipairs(fs.readdirSync(root .. top)) do
      local base = file:match "^(.*)%.lua$"
      if base and top .. "/" .. base ~= name then list[#list + 1] = top .. "/" .. base end
    end
  end
  return list
end

-- The functions of a table, as entries.
local function functions(t, folder, as)
  local at = {} -- "file:line" -> how many functions have it
  local names = sorted(t, function(v, name) return type(v) == "function" and name ~= "initialize" and name ~= "constructor" end)
  for _, name in ipairs(names) do
    local file, line = file_of(t[name])
    local place = tostring(file) .. ":" .. line
    at[place] = (at[place] or 0) + 1
  end
  local list = {}
  for _, name in ipairs(names) do
    local file, n = file_of(t[name])
    local comment, line
    if file and at[file .. ":" .. n] == 1 then
      comment, line = comment_above(lines_of(file), n), lines_of(file)[n]
    end
    if not comment or #comment == 0 then
      local found, at_line = look_up(folder, name)
      if not found and name:find "Sync$" then found = look_up(folder, name:sub(1, -5)) end
      comment, line = found or comment or {}, line or at_line
    end
    local e = entry(name, comment, line)
    e.kind = as
    list[#list + 1] = e
  end
  return list
end

local function describe_class(name, c, folder)
  local initialize = rawget(c, "prototype").initialize
  local file, n = nil, nil
  if initialize then file, n = file_of(initialize) end
  local d = { name = name, super = rawget(c, "super") or nil, text = {} }
  if file then
    d.constructor = entry("initialize", comment_above(lines_of(file), n), lines_of(file)[n])
    d.constructor.name = name
    d.text = header(file)
  end
  d.methods = functions(rawget(c, "prototype"), folder, "method")
  d.statics = functions(rawget(c, "static"), folder, "function")
  return d
end

local function describe(name)
  local ok, module = pcall(require, "lunode." .. name:gsub("/", "."))
  if not ok then return nil, module end
  local m = { name = name, text = header(name), value = module, folder = folder_of(name) }
  if class.is_class(module) then
    m.classes = { describe_class(rawget(module, "name"), module, m.folder) }
    m.functions, m.constants = {}, {}
    return m
  end
  if type(module) ~= "table" then return nil, "no table" end
  m.functions = functions(module, m.folder, "function")
  m.classes, m.constants = {}, {}
  for _, key in ipairs(sorted(module, function(v) return class.is_class(v) end)) do
    m.classes[#m.classes + 1] = describe_class(key, module[key], m.folder)
  end
  for _, key in ipairs(sorted(module, function(v) local t = type(v) return t == "number" or t == "string" or t == "boolean" end)) do
    m.constants[#m.constants + 1] = { name = key, value = module[key] }
  end
  return m
end

-- Every module that a program can require.
function M.names()
  local list = {}
  for _, e in ipairs(fs.readdirSync(root, { withFileTypes = true })) do
    local base = e.name:match "^(.*)%.lua$"
    if base and base ~= "init" then list[#list + 1] = base end
    if e:isDirectory() and e.name ~= "internal" then
      for _, sub in ipairs { "promises", "consumers", "posix", "win32", "types", "strict" } do
        if fs.existsSync(root .. e.name .. "/" .. sub .. ".lua") then list[#list + 1] = e.name .. "/" .. sub end
      end
    end
  end
  table.sort(list)
  return list
end

-- ---- examples

-- The programs of all comments -> { { file, line, text, prints }, … }
function M.examples()
  local list = {}
  local function walk(dir)
    for _, e in ipairs(fs.readdirSync(root .. dir, { withFileTypes = true })) do
      local path = dir .. e.name
      if e:isDirectory() then
        walk(path .. "/")
      elseif path:find "%.lua$" then
        local lines, at = lines_of(path:sub(1, -5)), nil
        for i, line in ipairs(lines) do
          if line:find "^%s*%-%-+ Example:%s*$" then
            at = { file = path, line = i + 1, code = {}, prints = {} }
            list[#list + 1] = at
          elseif at then
            local code = line:match "^%s*%-%-+   ?(.*)$" or line:match "^%s*%-%-%s*$" and ""
            if not code then
              at = nil
            else
              at.code[#at.code + 1] = code
              local said = code:match "%-%->%s*(.-)%s*$"
              if said then at.prints[#at.prints + 1] = said end
            end
          end
        end
      end
    end
  end
  walk ""
  for _, e in ipairs(list) do e.text = table.concat(e.code, "\n") .. "\n" end
  return list
end

-- ---- Markdown

local function shown(e, prefix)
  local names = {}
  for i, p in ipairs(e.params) do names[i] = p.name .. (p.optional and "?" or "") end
  return prefix .. e.name .. "(" .. table.concat(names, ", ") .. ")"
end

-- Text with its indented parts as code.
local function prose(out, text)
  local code
  for _, line in ipairs(text) do
    local indented = line:find "^  " ~= nil
    if indented ~= (code or false) and (indented or line ~= "") then
      if indented then out[#out + 1] = "" end
      out[#out + 1] = indented and "```lua" or "```"
      code = indented
    end
    out[#out + 1] = indented and line:sub(3) or line
  end
  if code then out[#out + 1] = "```" end
  out[#out + 1] = ""
end

local function described(out, e, level, prefix)
  out[#out + 1] = level .. " `" .. shown(e, prefix) .. "`"
  out[#out + 1] = ""
  for _, p in ipairs(e.params) do
    if not p.guessed then out[#out + 1] = "- `" .. p.name .. "`: `" .. p.type .. "`" .. (p.optional and ", optional" or "") end
  end
  if e.returns then out[#out + 1] = "- returns `" .. e.returns .. "`" end
  if out[#out] ~= "" then out[#out + 1] = "" end
  prose(out, e.text)
end

function M.markdown(m)
  local out = { "# " .. m.name, "" }
  prose(out, m.text)
  local var = m.name:match "[^/]+$"
  if m.name:find "/" then var = m.name:match "^[^/]+" end
  for _, e in ipairs(m.functions) do described(out, e, "##", var .. ".") end
  for _, c in ipairs(m.classes) do
    out[#out + 1] = "## class `" .. c.name .. "`" .. (c.super and " extends `" .. rawget(c.super, "name") .. "`" or "")
    out[#out + 1] = ""
    prose(out, c.text)
    if c.constructor then described(out, c.constructor, "###", "") end
    for _, e in ipairs(c.statics) do described(out, e, "###", c.name .. ".") end
    for _, e in ipairs(c.methods) do described(out, e, "###", c.name:lower() .. ":") end
  end
  if #m.constants > 0 then
    out[#out + 1] = "## Values\n"
    for _, k in ipairs(m.constants) do out[#out + 1] = ("- `%s.%s`: %s"):format(var, k.name, type(k.value)) end
    out[#out + 1] = ""
  end
  return table.concat(out, "\n")
end

-- ---- stubs

local RESERVED = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true until while"):gmatch "%a+" do RESERVED[word] = true end

local function stub_function(out, e, owner, sign)
  for _, line in ipairs(e.text) do out[#out + 1] = "---" .. line end
  local names = {}
  for _, p in ipairs(e.params) do
    local name = p.name:find "^%.%.%." and "..." or p.name:gsub("[^%w_].*", "")
    if RESERVED[name] then name = name .. "_" end
    names[#names + 1] = name
    out[#out + 1] = ("---@param %s%s %s"):format(name, (p.optional or p.guessed) and name ~= "..." and "?" or "", p.type)
    if name == "..." then break end
  end
  if e.returns then out[#out + 1] = "---@return " .. e.returns end
  local args = "(" .. table.concat(names, ", ") .. ")"
  if RESERVED[e.name] or not e.name:find "^[%a_][%w_]*$" then
    local self = sign == ":" and "self" .. (#names > 0 and ", " or "") or ""
    out[#out + 1] = ("%s[%q] = function(%s%s) end"):format(owner, e.name, self, table.concat(names, ", "))
  else
    out[#out + 1] = "function " .. owner .. sign .. e.name .. args .. " end"
  end
  out[#out + 1] = ""
end

function M.stub(m)
  local out = { "---@meta " .. m.name, "" }
  local short = m.name:match "^[^/]+"
  local var = m.classes[1] and m.classes[1].name == m.name and m.name or "M"
  out[#out + 1] = "---@class " .. m.name:gsub("/", ".") .. "\nlocal M = {}\n"
  for _, k in ipairs(m.constants) do
    if k.name:find "^[%a_][%w_]*$" and not RESERVED[k.name] then out[#out + 1] = ("---@type %s\nM.%s = nil\n"):format(type(k.value), k.name) end
  end
  for _, e in ipairs(m.functions) do stub_function(out, e, "M", ".") end
  for i, c in ipairs(m.classes) do
    local super = c.super and ": " .. (M.homes[c.super] or "table") or ""
    local own = "C" .. i
    for _, line in ipairs(c.text) do out[#out + 1] = "---" .. line end
    out[#out + 1] = "---@class " .. short .. "." .. c.name .. super
    if c.constructor then
      local types = {}
      for j, p in ipairs(c.constructor.params) do types[j] = p.name:find "^%.%.%." and "...: any" or p.name .. "?: " .. p.type end
      out[#out + 1] = ("---@overload fun(%s): %s.%s"):format(table.concat(types, ", "), short, c.name)
    end
    out[#out + 1] = "local " .. own .. " = {}\n"
    for _, e in ipairs(c.statics) do stub_function(out, e, own, ".") end
    for _, e in ipairs(c.methods) do stub_function(out, e, own, ":") end
    out[#out + 1] = "M." .. c.name .. " = " .. own .. "\n"
    if class.is_class(m.value) then var = own end
  end
  out[#out + 1] = "return " .. (var == m.name and "M" or var)
  return table.concat(out, "\n") .. "\n"
end

-- ---- all of it

M.homes = {} -- class -> "module.Class"

-- -> modules (in order), problems
function M.describe()
  local list, problems = {}, {}
  for _, name in ipairs(M.names()) do
    local m, why = describe(name)
    if m then
      list[#list + 1] = m
      for _, c in ipairs(m.classes) do
        local value = class.is_class(m.value) and m.value or m.value[c.name]
        M.homes[value] = M.homes[value] or m.name:match "^[^/]+" .. "." .. c.name
      end
    else
      problems[#problems + 1] = name .. ": " .. tostring(why)
    end
  end
  return list, problems
end

function M.write(out)
  local list, problems = M.describe()
  local index = { "# Reference", "", "Made from the comments in `lua/` by `make docs`.", "" }
  for _, m in ipairs(list) do
    local page = m.name:gsub("/", "-")
    fs.mkdirSync(out .. "/library/" .. (m.name:match "^(.*/)" or ""), { recursive = true })
    fs.writeFileSync(out .. "/" .. page .. ".md", M.markdown(m))
    fs.writeFileSync(out .. "/library/" .. m.name .. ".lua", M.stub(m))
    index[#index + 1] = ("- [%s](%s.md) %s"):format(m.name, page, (m.text[1] or ""):gsub("^" .. m.name:gsub("%p", "%%%0") .. ":? ?", ""))
  end
  fs.writeFileSync(out .. "/index.md", table.concat(index, "\n") .. "\n")
  return list, problems
end

-- Public functions about which no comment says anything.
function M.undocumented(list)
  local missing, count = {}, 0
  local function look(entries, prefix)
    for _, e in ipairs(entries) do
      count = count + 1
      if #e.text == 0 and not e.signed then missing[#missing + 1] = prefix .. e.name end
    end
  end
  for _, m in ipairs(list) do
    look(m.functions, m.name .. ".")
    for _, c in ipairs(m.classes) do
      look(c.statics, m.name .. "." .. c.name .. ".")
      look(c.methods, m.name .. "." .. c.name .. ":")
    end
  end
  return missing, count
end

if arg and arg[0] and arg[0]:find "generate%.lua$" then
  local out = arg[1]
  if not out then
    io.stderr:write "usage: lunode docs/api/generate.lua OUT\n"
    os.exit(2)
  end
  local _, problems = M.write(out)
  for _, problem in ipairs(problems) do io.stderr:write(problem, "\n") end
  if #problems > 0 then os.exit(1) end
end
return M
