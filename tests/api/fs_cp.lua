-- SPDX-License-Identifier: MIT
--
-- fs.cp in its three forms; each case beside Node's own, where it is installed: what is there afterwards, and which error came.
local test = require "../support/test"
local fs = require "fs"
local path = require "path"
local os = require "os"
local child_process = require "child_process"

local dir = fs.mkdtempSync(path.join(os.tmpdir(), "lunode-fs-cp-"))
process:on("exit", function() fs.rmSync(dir, { recursive = true, force = true }) end)

local node = require("../support/node").path

-- { files (text: "link -> target", "folder/", "file"), from, to, options, expected error's code }
local cases = {
  { { "a/x", "a/b/y" }, "a", "c", { recursive = true } },
  { { "a/x" }, "a", "c", {}, "ERR_FS_EISDIR" },
  { { "a/x" }, "a/x", "d/e/f", {} },
  { { "a/x", "c/x", "c/z" }, "a", "c", { recursive = true } },
  { { "a/x", "c/x" }, "a", "c", { recursive = true, force = false } },
  { { "a/x", "c/x" }, "a", "c", { recursive = true, force = false, errorOnExist = true }, "ERR_FS_CP_EEXIST" },
  { { "x", "y" }, "x", "y", { force = false, errorOnExist = true }, "ERR_FS_CP_EEXIST" },
  { { "x" }, "x", "x", {}, "ERR_FS_CP_EINVAL" },
  { { "a/x" }, "a", "a/b/c", { recursive = true }, "ERR_FS_CP_EINVAL" },
  { { "a/x" }, "a", "ab/c", { recursive = true } },
  { { "a/x", "f" }, "a", "f", { recursive = true }, "ERR_FS_CP_DIR_TO_NON_DIR" },
  { { "a/x", "f" }, "f", "a", { recursive = true }, "ERR_FS_CP_NON_DIR_TO_DIR" },
  { { "a/x", "c/x/y" }, "a", "c", { recursive = true }, "ERR_FS_CP_NON_DIR_TO_DIR" },
  { {}, "none", "c", { recursive = true }, "ENOENT" },
  { { "a/x", "a/l -> x", "a/d/", "a/dl -> d" }, "a", "c", { recursive = true } },
  { { "a/x", "a/l -> x" }, "a", "c", { recursive = true, verbatimSymlinks = true } },
  { { "a/x", "a/l -> x", "a/d/y", "a/dl -> d" }, "a", "c", { recursive = true, dereference = true } },
  { { "x", "l -> x" }, "l", "m", {} },
  { { "x", "l -> x" }, "l", "m", { dereference = true } },
  { { "x", "l -> x", "y", "m -> y" }, "l", "m", {} },
  { { "x", "l -> x", "m" }, "l", "m", {} , "EEXIST" },
  { { "x", "l -> x", "m -> l" }, "l", "m", {}, nil },
  { { "a/b/x", "l -> a", "m -> a/b" }, "l", "m", {}, "ERR_FS_CP_EINVAL" },
  { { "a/b/x", "l -> a/b", "m -> a" }, "l", "m", {}, "ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY" },
  { { "a/l -> nowhere" }, "a", "c", { recursive = true } },
  { { "a/x", "b/l -> ../a" }, "a", "b/l/c", { recursive = true }, "ERR_FS_CP_EINVAL" },
  { { "a/x", "p | " }, "p", "q", {}, "ERR_FS_CP_FIFO_PIPE" },
  { { "x" }, "x", "y", { mode = 1 } },
  { { "x", "y" }, "x", "y", { mode = 1 } },
  { { "a/x" }, "a", "c", { recursive = true, preserveTimestamps = true } },
}

local NODE = [[
const fs = require("fs"), path = require("path");
const { root, form, cases } = JSON.parse(fs.readFileSync(0, "utf8"));
function say(e) { return e ? { name: e.name, code: e.code, message: e.message.replaceAll(root + "/", ""), errno: e.errno, syscall: e.syscall, path: e.path?.replaceAll(root + "/", "") } : {}; }
(async () => {
  const out = [];
  for (const [i, c] of cases.entries()) {
    process.chdir(path.join(root, String(i + 1)));
    let err;
    try {
      if (form === "sync") fs.cpSync(c.from, c.to, c.options); else await fs.promises.cp(c.from, c.to, c.options);
    } catch (e) { err = e; }
    out.push(say(err));
  }
  console.log(JSON.stringify(out));
})();
]]

-- Text without what is particular to the place.
local function plain(text, root)
  if type(text) ~= "string" then return text end
  return (text:gsub(root:gsub("%p", "%%%0") .. "/", ""))
end

local function build(root)
  for i, case in ipairs(cases) do
    local base = path.join(root, tostring(i))
    fs.mkdirSync(base, { recursive = true })
    for _, what in ipairs(case[1]) do
      local link, target = what:match "^(.-) %-> (.*)$"
      local fifo = what:match "^(.-) |"
      local full = path.join(base, link or fifo or what)
      fs.mkdirSync(path.dirname(full), { recursive = true })
      if link then fs.symlinkSync(target, full)
      elseif fifo then child_process.spawnSync("mkfifo", { full })
      elseif what:sub(-1) == "/" then fs.mkdirSync(full)
      else
        fs.writeFileSync(full, "in " .. what, { mode = 416 })
        fs.utimesSync(full, 1000, 2000)
      end
    end
  end
end

-- Everything below root, as text.
local function picture(root, times)
  local lines = {}
  local names = fs.readdirSync(root, { recursive = true })
  table.sort(names)
  for _, name in ipairs(names) do
    local full = path.join(root, name)
    local st = fs.lstatSync(full)
    local what
    if st:isSymbolicLink() then what = "-> " .. plain(fs.readlinkSync(full), path.dirname(root))
    elseif st:isDirectory() then what = ("folder %o"):format(st.mode % 4096)
    elseif st:isFile() then what = ("%o %s%s"):format(st.mode % 4096, fs.readFileSync(full, "utf8"), times and " " .. st.mtimeMs or "")
    else what = "special" end
    lines[#lines + 1] = name .. " " .. what
  end
  return table.concat(lines, "\n")
end

local function ours(root, form)
  local before, out = process.cwd(), {}
  for i, case in ipairs(cases) do
    process.chdir(path.join(root, tostring(i)))
    local ok, e
    if form == "sync" then
      ok, e = pcall(fs.cpSync, case[2], case[3], case[4])
    elseif form == "callback" then
      e = await(Promise(function(resolve) fs.cp(case[2], case[3], case[4], resolve) end))
      ok = e == nil
    else
      ok, e = pcall(await, fs.promises.cp(case[2], case[3], case[4]))
    end
    if ok then e = {} end
    out[i] = { name = e.name, code = e.code, message = plain(e.message, root), errno = e.errno, syscall = e.syscall, path = plain(e.path, root) }
  end
  process.chdir(before)
  return out
end

for _, form in ipairs { "sync", "callback", "promise" } do
  test("the " .. form .. " form does what it must", function(t)
    local root = fs.realpathSync.native(dir) .. "/" .. form
    build(root)
    local got = ours(root, form)
    for i, case in ipairs(cases) do
      t:equal(got[i].code, case[5], ("case %d, %s to %s: %s"):format(i, case[2], case[3], got[i].message or ""))
      if got[i].code and got[i].code:find "^ERR" then t:equal(got[i].name, "SystemError") end
    end
  end)
end

for _, form in ipairs { "sync", "promise" } do
  test("the " .. form .. " form does what Node's does", { skip = not node and "node is not installed" or nil, timeout = 30000 }, function(t)
    local mine, theirs = fs.realpathSync.native(dir) .. "/mine-" .. form, fs.realpathSync.native(dir) .. "/node-" .. form
    build(mine)
    build(theirs)
    local list = {}
    for i, case in ipairs(cases) do list[i] = { from = case[2], to = case[3], options = case[4] } end
    local run = child_process.spawnSync(node, { "-e", NODE }, { input = require("json").stringify { root = theirs, form = form, cases = list } })
    t:equal(run.status, 0, run.stderr and run.stderr:toString())
    local want, got = require("json").parse(run.stdout:toString()), ours(mine, form)
    for i, case in ipairs(cases) do
      local name = ("case %d, %s to %s: "):format(i, case[2], case[3])
      for _, key in ipairs { "code", "message", "errno", "syscall", "path", "name" } do t:equal(got[i][key], want[i][key], name .. key) end
      t:equal(picture(path.join(mine, tostring(i)), case[4].preserveTimestamps), picture(path.join(theirs, tostring(i)), case[4].preserveTimestamps), name .. "result")
    end
  end)
end

test("a filter is asked about every path, and may wait", function(t)
  local base = dir .. "/filter"
  for _, name in ipairs { "a/x.lua", "a/y.txt", "a/b/z.lua", "a/skip/w.lua" } do
    fs.mkdirSync(path.dirname(path.join(base, name)), { recursive = true })
    fs.writeFileSync(path.join(base, name), "")
  end
  local asked = {}
  local function wanted(from, to)
    asked[#asked + 1] = path.relative(base, from) .. ">" .. path.relative(base, to)
    return not from:find "%.txt$" and not from:find "skip$"
  end
  fs.cpSync(base .. "/a", base .. "/c", { recursive = true, filter = wanted })
  table.sort(asked)
  t:deep(asked, { "a/b/z.lua>c/b/z.lua", "a/b>c/b", "a/skip>c/skip", "a/x.lua>c/x.lua", "a/y.txt>c/y.txt", "a>c" })
  t:deep(fs.readdirSync(base .. "/c", { recursive = true }), { "b", "x.lua", "b/z.lua" })
  await(fs.promises.cp(base .. "/a", base .. "/d", { recursive = true, filter = function(from)
    await(require("lunode").sleep(1))
    return wanted(from, from)
  end }))
  t:deep(fs.readdirSync(base .. "/d", { recursive = true }), { "b", "x.lua", "b/z.lua" })
  fs.cp(base .. "/a", base .. "/e", { recursive = true, filter = function(from) return Promise.resolve(not from:find "b$") end }, t:called(function(e)
    t:equal(e, nil)
    t:deep(fs.readdirSync(base .. "/e"), { "skip", "x.lua", "y.txt" })
  end))
  t:throws(function() fs.cpSync(base .. "/a", base .. "/f", { filter = function() return Promise.resolve(true) end }) end, "ERR_INVALID_RETURN_VALUE")
  t:rejects(fs.promises.cp(base .. "/a", base .. "/f", { recursive = true, filter = function() error(Error "no", 0) end }), { message = "no" })
  await(fs.promises.cp(base .. "/none", base .. "/f", { filter = function() return false end }))
end)

test("times are kept when asked for, and modes always", function(t)
  local from, to = dir .. "/readonly", dir .. "/readonly2"
  fs.writeFileSync(from, "x")
  fs.utimesSync(from, 1000, 2000)
  fs.chmodSync(from, 256)
  fs.cpSync(from, to, { preserveTimestamps = true })
  local st = fs.statSync(to)
  t:equal(st.mtimeMs, 2000000)
  t:equal(st.mode % 512, 256)
end)
