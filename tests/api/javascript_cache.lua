-- SPDX-License-Identifier: MIT
--
-- The compile cache: what is in it is used, and whatever is wrong with it, the program runs as without.
local test = require "../support/test"
local child_process = require "lunode.child_process"
local fs = require "lunode.fs"
local os_module = require "lunode.os"
local process = require "lunode.process"

local base = fs.mkdtempSync(os_module.tmpdir() .. "/lunode-cache-")
local program = base .. "/program.js"
local padding = ("// what is smaller than some hundred bytes is not kept\n"):rep(20)
local function source(word) return padding .. "function named(a, b) {\n  return new Error('" .. word .. "').stack.split('\\n')[1];\n}\nconsole.log('" .. word .. "', named.name, named.length, String(named).length, /program\\.js:22:/.test(named()));\n" end
local function write(word) fs.writeFileSync(program, source(word)) end
local function answer(word) return word .. " named 2 " .. #(source(word):match "function named.-\n}") .. " true\n" end

local function run(folder, environment)
  local env = { PATH = os.getenv "PATH", HOME = base, LUNODE_CACHE = folder }
  for k, v in pairs(environment or {}) do env[k] = v or nil end
  local child = child_process.spawnSync(process.execPath, { program }, { env = env, encoding = "utf8" })
  return child.stdout .. child.stderr
end

local count = 0
local function fresh()
  count = count + 1
  return base .. "/cache" .. count
end

-- The name of the one entry that holds the program, which is the largest.
local function entry(folder)
  local best, size = nil, -1
  for _, name in ipairs(fs.readdirSync(folder)) do
    local s = fs.statSync(folder .. "/" .. name)
    if s.size > size then best, size = folder .. "/" .. name, s.size end
  end
  return best
end

local function mode(path) return bit.band(fs.statSync(path).mode, 511) end

-- Is the entry read? One whose bytecode says something else, under a right header, cannot be made here; that it is not written again tells.
local function inode(path) return fs.statSync(path, { bigint = false }).ino end

write "first"

test("an entry is written once, for the user alone, and used with names, lengths, sources and lines as they were", function(t)
  local folder = fresh()
  t:equal(run(folder), answer "first")
  t:equal(mode(folder), tonumber("700", 8))
  local path = entry(folder)
  t:equal(mode(path), tonumber("600", 8))
  local before, names = inode(path), #fs.readdirSync(folder)
  t:equal(run(folder), answer "first")
  t:equal(inode(path), before)
  t:equal(#fs.readdirSync(folder), names)
end)

test("another content under the same name is another entry", function(t)
  local folder = fresh()
  t:equal(run(folder), answer "first")
  local names = #fs.readdirSync(folder)
  write "second"
  t:equal(run(folder), answer "second")
  t:equal(#fs.readdirSync(folder), names + 1)
  write "first"
  t:equal(run(folder), answer "first")
  t:equal(#fs.readdirSync(folder), names + 1)
end)

test("a corrupt, truncated, empty or lengthened entry is compiled again and replaced", function(t)
  local folder = fresh()
  run(folder)
  local path = entry(folder)
  local right = tostring(fs.readFileSync(path))
  local function damage(bytes)
    fs.writeFileSync(path, bytes)
    t:equal(run(folder), answer "first")
    t:ok(tostring(fs.readFileSync(path)) == right)
  end
  damage ""
  damage(right:sub(1, 40))
  damage(right:sub(1, -2))
  damage(right .. "\0")
  damage(right:sub(9) .. right:sub(1, 8))
  for _, at in ipairs { 1, 9, 41, 49, 81, math.floor(#right / 2), #right } do
    damage(right:sub(1, at - 1) .. string.char(bit.bxor(right:byte(at), 1)) .. right:sub(at + 1))
  end
end)

test("an entry copied under another's name is not taken", function(t)
  local folder = fresh()
  run(folder)
  local first = entry(folder)
  local bytes = tostring(fs.readFileSync(first))
  fs.unlinkSync(first)
  write "other"
  run(folder)
  local second = entry(folder)
  fs.writeFileSync(second, bytes)
  t:equal(run(folder), answer "other")
  write "first"
end)

test("what others may write, or link elsewhere, is not taken", function(t)
  local folder = fresh()
  run(folder)
  local path = entry(folder)
  local before = inode(path)
  fs.chmodSync(path, tonumber("666", 8))
  t:equal(run(folder), answer "first")
  t:ok(inode(path) ~= before)
  t:equal(mode(path), tonumber("600", 8))
  fs.renameSync(path, base .. "/elsewhere")
  fs.symlinkSync(base .. "/elsewhere", path)
  t:equal(run(folder), answer "first")
  t:no(fs.lstatSync(path):isSymbolicLink())
  local open = fresh()
  fs.mkdirSync(open)
  fs.chmodSync(open, tonumber("777", 8))
  t:equal(run(open), answer "first")
  t:equal(#fs.readdirSync(open), 0)
  local link = fresh()
  fs.symlinkSync(folder, link)
  local names = #fs.readdirSync(folder)
  write "linked"
  t:equal(run(link), answer "linked")
  t:equal(#fs.readdirSync(folder), names)
  write "first"
end)

test("an entry or a folder of another user is not taken", { skip = process.getuid() ~= 0 and "only root gives files away" or nil }, function(t)
  local folder = fresh()
  run(folder)
  local path = entry(folder)
  local before = inode(path)
  fs.chownSync(path, 65534, 65534)
  t:equal(run(folder), answer "first")
  t:ok(inode(path) ~= before)
  t:equal(fs.statSync(path).uid, 0)
  local foreign = fresh()
  fs.mkdirSync(foreign, tonumber("700", 8))
  fs.chownSync(foreign, 65534, 65534)
  t:equal(run(foreign), answer "first")
  t:equal(#fs.readdirSync(foreign), 0)
end)

test("without a place to write, or with none wanted, programs run all the same", function(t)
  local file = base .. "/file"
  fs.writeFileSync(file, "")
  t:equal(run(file), answer "first")
  t:equal(run(file .. "/below/it"), answer "first")
  t:equal(run "/proc/none", answer "first")
  t:equal(run "0", answer "first")
  local folder = fresh()
  run(folder)
  write "unwritten"
  fs.chmodSync(folder, tonumber("500", 8))
  t:equal(run(folder), answer "unwritten")
  write "first"
  t:equal(run(folder), answer "first")
  fs.chmodSync(folder, tonumber("700", 8))
end)

test("the folder is $XDG_CACHE_HOME/lunode, else ~/.cache/lunode", function(t)
  local home, xdg = base .. "/home", base .. "/xdg"
  fs.mkdirSync(home)
  fs.mkdirSync(xdg)
  t:equal(run(nil, { LUNODE_CACHE = false, HOME = home }), answer "first")
  t:ok(#fs.readdirSync(home .. "/.cache/lunode") > 0)
  t:equal(run(nil, { LUNODE_CACHE = false, HOME = home, XDG_CACHE_HOME = xdg }), answer "first")
  t:ok(#fs.readdirSync(xdg .. "/lunode") > 0)
end)

test("many processes that fill one cache at a time all get theirs right and leave nothing behind", function(t)
  local folder, left = fresh(), 12
  for _ = 1, left do
    child_process.execFile(process.execPath, { program }, { env = { HOME = base, LUNODE_CACHE = folder } }, t:called(function(err, out)
      t:no(err)
      t:equal(out, answer "first")
      left = left - 1
      if left > 0 then return end
      for _, name in ipairs(fs.readdirSync(folder)) do t:match(name, "^%x+$") end
      t:equal(run(folder), answer "first")
    end))
  end
end)

test("a program that is wrong is refused each time", function(t)
  local folder = fresh()
  fs.writeFileSync(program, padding .. "let = ;;; {\n")
  t:match(run(folder), "SyntaxError")
  t:match(run(folder), "SyntaxError")
  fs.rmSync(base, { recursive = true, force = true })
end)
