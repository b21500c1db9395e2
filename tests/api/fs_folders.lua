-- SPDX-License-Identifier: MIT
local test = require "../support/test"
local fs = require "fs"
local path = require "path"
local os = require "os"
local p = fs.promises

local dir = fs.mkdtempSync(path.join(os.tmpdir(), "lunode-fs-folders-"))
local function at(name) return path.join(dir, name) end
process:on("exit", function() fs.rmSync(dir, { recursive = true, force = true }) end)

local function tree(...)
  for _, name in ipairs { ... } do
    fs.mkdirSync(path.dirname(at(name)), { recursive = true })
    if name:sub(-1) == "/" then fs.mkdirSync(at(name), { recursive = true }) else fs.writeFileSync(at(name), name) end
  end
end

local function sorted(list)
  table.sort(list)
  return list
end

test("mkdir recursive gives the first folder it made, as the path was written", function(t)
  t:equal(fs.mkdirSync(at "m/n/o", { recursive = true }), at "m")
  t:equal(fs.mkdirSync(at "m/n/o/p/q", { recursive = true }), at "m/n/o/p")
  t:equal(fs.mkdirSync(at "m/n/o", { recursive = true }), nil)
  local before = process.cwd()
  process.chdir(dir)
  t:equal(fs.mkdirSync("r/s", { recursive = true }), "r")
  t:equal(await(p.mkdir("./u/v", { recursive = true })), "./u")
  process.chdir(before)
  fs.mkdir(at "w/x/y", { recursive = true, mode = 448 }, t:called(function(e, first)
    t:equal(e, nil)
    t:equal(first, at "w")
    t:equal(fs.statSync(at "w").mode % 512, 448)
  end))
  fs.mkdirSync(at "mode", "700")
  t:equal(fs.statSync(at "mode").mode % 512, 448)
  t:throws(function() fs.mkdirSync(at "mode") end, "EEXIST")
end)

test("many make the same folders at once", function(t)
  local list = {}
  for i = 1, 20 do list[i] = p.mkdir(at "same/a/b/c/d", { recursive = true }) end
  await(Promise.all(list))
  t:ok(fs.statSync(at "same/a/b/c/d"):isDirectory())
end)

test("readdir recursive goes level by level, in all forms", function(t)
  tree("l/a/b/c", "l/a/f", "l/z")
  local want = { "a", "z", "a/b", "a/f", "a/b/c" }
  t:deep(fs.readdirSync(at "l", { recursive = true }), want)
  t:deep(await(p.readdir(at "l", { recursive = true })), want)
  fs.readdir(at "l", { recursive = true, withFileTypes = true }, t:called(function(_, list)
    t:equal(#list, 5)
    t:equal(list[5].name, "c")
    t:equal(list[5].parentPath, at "l/a/b")
    t:equal(list[5].path, at "l/a/b")
    t:ok(list[5]:isFile())
    t:ok(fs.Dirent:is(list[5]))
  end))
  local list = fs.readdirSync(at "l", { encoding = "buffer" })
  t:equal(list[1]:toString(), "a")
  t:equal(fs.readdirSync(at "l", "hex")[2], "7a")
  fs.mkdirSync(at "empty")
  t:deep(fs.readdirSync(at "empty"), {})
end)

test("entries know what they are", function(t)
  tree("k/file", "k/dir/")
  fs.symlinkSync("file", at "k/link")
  t:equal(require("child_process").spawnSync("mkfifo", { at "k/fifo" }).status, 0)
  local kinds = {}
  for _, e in ipairs(fs.readdirSync(at "k", { withFileTypes = true })) do
    for _, method in ipairs { "isFile", "isDirectory", "isSymbolicLink", "isFIFO", "isSocket", "isBlockDevice", "isCharacterDevice" } do
      if e[method](e) then kinds[e.name] = (kinds[e.name] or "") .. method end
    end
  end
  t:deep(kinds, { file = "isFile", dir = "isDirectory", link = "isSymbolicLink", fifo = "isFIFO" })
end)

test("a Dir is read in order, one way or the other", function(t)
  tree("o/a", "o/b", "o/c/d")
  local d = fs.opendirSync(at "o")
  t:equal(d.path, at "o")
  local names = {}
  while true do
    local e = d:readSync()
    if not e then break end
    names[#names + 1] = e.name
    t:equal(e.parentPath, at "o")
  end
  t:deep(sorted(names), { "a", "b", "c" })
  t:equal(d:readSync(), nil)
  d:closeSync()
  t:throws(function() d:readSync() end, { code = "ERR_DIR_CLOSED", message = "Directory handle was closed" })
  t:throws(function() d:closeSync() end, "ERR_DIR_CLOSED")
  t:throws(function() d:read(function() end) end, "ERR_DIR_CLOSED")
  t:rejects(d:read(), "ERR_DIR_CLOSED")
  t:rejects(d:close(), "ERR_DIR_CLOSED")
end)

test("iteration closes the Dir; recursive ones and small buffers", function(t)
  local before = #fs.readdirSync "/proc/self/fd"
  for _, size in ipairs { 1, 2, 100 } do
    local names = {}
    local d = await(p.opendir(at "o", { bufferSize = size, recursive = true }))
    for e in d:iter() do names[#names + 1] = path.relative(at "o", path.join(e.parentPath, e.name)) end
    t:deep(sorted(names), { "a", "b", "c", "c/d" })
    t:rejects(d:close(), "ERR_DIR_CLOSED")
  end
  local d = await(p.opendir(at "o"))
  local it = d:entries()
  t:ok(await(it:next()).value)
  t:equal(await(it["return"](it)).done, true)
  t:rejects(d:close(), "ERR_DIR_CLOSED")
  local again = fs.opendirSync(at "o", "buffer")
  t:ok(Buffer.isBuffer(again:readSync().name))
  again:closeSync()
  t:equal(#fs.readdirSync "/proc/self/fd", before)
end)

test("operations on one Dir wait for each other; synchronous ones must not", function(t)
  fs.opendir(at "o", { bufferSize = 1 }, t:called(function(e, d)
    t:equal(e, nil)
    local order = {}
    for i = 1, 4 do
      d:read(t:called(function(_, entry)
        order[#order + 1] = entry and entry.name or "end"
        if i == 4 then t:equal(order[4], "end") end
      end))
    end
    t:throws(function() d:readSync() end, "ERR_DIR_CONCURRENT_OPERATION")
    t:throws(function() d:closeSync() end, "ERR_DIR_CONCURRENT_OPERATION")
    d:close(t:called(function(err)
      t:equal(err, nil)
      t:equal(#order, 4)
    end))
    d:read():next(t:never(), t:called(function(err) t:equal(err.code, "ERR_DIR_CLOSED") end))
  end))
  fs.opendir(at "nowhere", t:called(function(e, d)
    t:equal(e.syscall, "opendir")
    t:equal(d, nil)
  end))
end)

test("a lost Dir is closed by the collector", function(t)
  local before = #fs.readdirSync "/proc/self/fd"
  for _ = 1, 10 do fs.opendirSync(at "o"):readSync() end
  collectgarbage()
  collectgarbage()
  t:equal(#fs.readdirSync "/proc/self/fd", before)
end)

test("rm takes whole trees, and links without what they lead to", function(t)
  tree("rm/a/b/c", "rm/a/d", "keep/x")
  fs.symlinkSync(at "keep", at "rm/a/link")
  fs.symlinkSync(at "nothing", at "rm/broken")
  fs.rm(at "rm", { recursive = true }, t:called(function(e)
    t:equal(e, nil)
    t:no(fs.existsSync(at "rm"))
    t:ok(fs.existsSync(at "keep/x"))
  end))
  fs.symlinkSync(at "keep", at "link")
  await(p.rm(at "link"))
  t:ok(fs.existsSync(at "keep/x"))
  await(p.rm(at "nothing", { force = true }))
  t:rejects(p.rm(at "nothing"), "ENOENT")
  fs.writeFileSync(at "one", "")
  fs.rmSync(at "one", { recursive = true })
  t:no(fs.existsSync(at "one"))
end)

test("very deep trees", { timeout = 30000 }, function(t)
  local deep = "x" .. ("/x"):rep(1500)
  local before = process.cwd()
  process.chdir(dir)
  fs.mkdirSync("deep/" .. deep, { recursive = true })
  fs.cpSync("deep", "deep2", { recursive = true })
  t:ok(fs.existsSync("deep2/" .. deep))
  t:equal(#fs.readdirSync("deep2", { recursive = true }), 1501)
  t:equal(#fs.globSync("deep2/**"), 1502)
  fs.rmSync("deep", { recursive = true })
  t:no(fs.existsSync "deep")
  await(p.rm("deep2", { recursive = true }))
  t:no(fs.existsSync "deep2")
  process.chdir(before)
end)

test("rm tries again what may pass", function(t)
  -- A folder that somebody fills while it is emptied.
  tree "busy/a"
  local calls, ops = 0, require "lunode.fs.operations"
  local rmdir = ops.rmdirOne
  ops.rmdirOne = function(cb, target)
    calls = calls + 1
    if calls < 3 then fs.writeFileSync(at("busy/new" .. calls), "") end
    return rmdir(cb, target)
  end
  await(p.rm(at "busy", { recursive = true, maxRetries = 3, retryDelay = 1 }))
  t:equal(calls, 3)
  t:no(fs.existsSync(at "busy"))
  tree "busy/a"
  calls = 0
  t:rejects(p.rm(at "busy", { recursive = true, maxRetries = 1, retryDelay = 1 }), "ENOTEMPTY")
  t:equal(calls, 2)
  ops.rmdirOne = rmdir
  fs.rmSync(at "busy", { recursive = true })
end)

test("rmdir", function(t)
  tree "rd/a/b"
  t:throws(function() fs.rmdirSync(at "rd") end, "ENOTEMPTY")
  local warnings = 0
  process:removeAllListeners "warning"
  process:on("warning", function(w)
    t:equal(w.code, "DEP0147")
    warnings = warnings + 1
  end)
  fs.rmdirSync(at "rd", { recursive = true })
  t:throws(function() fs.rmdirSync(at "rd", { recursive = true }) end, { code = "ENOENT", syscall = "lstat" })
  tree "rdfile"
  t:throws(function() fs.rmdirSync(at "rdfile", { recursive = true }) end, { code = "ENOTDIR", syscall = "rmdir" })
  fs.mkdirSync(at "rd2")
  fs.rmdir(at "rd2", t:called(function(e) t:equal(e, nil) end))
  await(require("lunode").sleep(1))
  t:equal(warnings, 1)
end)

test("realpath follows links, in both ways, and says where it fails", function(t)
  tree "real/a/file"
  fs.symlinkSync("a", at "real/b")
  fs.symlinkSync("../real/b", at "real/c")
  fs.symlinkSync("loop2", at "loop1")
  fs.symlinkSync("loop1", at "loop2")
  local base = fs.realpathSync.native(dir)
  for _, name in ipairs { "real/c/file", "real/b/../b/file", "real/./a//file" } do
    t:equal(fs.realpathSync(dir .. "/" .. name), base .. "/real/a/file")
  end
  t:equal(await(p.realpath(at "real/c/file")), base .. "/real/a/file")
  fs.realpath(at "real/c", t:called(function(_, real) t:equal(real, base .. "/real/a") end))
  fs.realpath.native(at "real/c", "buffer", t:called(function(_, real) t:equal(real:toString(), base .. "/real/a") end))
  t:throws(function() fs.realpathSync(at "loop1") end, { code = "ELOOP", syscall = "stat" })
  t:throws(function() fs.realpathSync(at "real/none/x") end, { code = "ENOENT", syscall = "lstat", path = at "real/none" })
  t:equal(fs.realpathSync "/", "/")
  t:equal(fs.readlinkSync(at "real/b", "hex"), "61")
end)

test("access and exists, promisified too", function(t)
  tree "acc"
  t:equal(await(p.access(at "acc")), nil)
  fs.access(at "acc", fs.constants.R_OK, t:called(function(e) t:equal(e, nil) end))
  fs.exists(at "acc", t:called(function(there) t:equal(there, true) end))
  fs.exists(at "nope", t:called(function(there) t:equal(there, false) end))
  local exists = require("util").promisify(fs.exists)
  t:equal(await(exists(at "acc")), true)
  t:equal(await(exists(5)), false)
  local fd = fs.openSync(at "acc")
  local r = await(require("util").promisify(fs.read)(fd, Buffer.alloc(2), 0, 2, 0))
  t:equal(r.bytesRead, 2)
  t:equal(r.buffer:toString(), "ac")
  fs.close(fd)
end)

test("glob", function(t)
  tree("g/a/b/c.js", "g/a/d.js", "g/e.js", "g/e.txt", "g/.hidden/x.js", "g/a/.y.js", "g/n/one.ts")
  fs.symlinkSync("../a", at "g/n/link")
  local function found(pattern, options)
    options = options or {}
    options.cwd = at "g"
    local list = fs.globSync(pattern, options)
    t:deep(sorted(list), sorted(await(Promise(function(resolve, reject)
      fs.glob(pattern, options, function(e, r) if e then reject(e) else resolve(r) end end)
    end))))
    return table.concat(list, " ")
  end
  t:equal(found "*.js", "e.js")
  t:equal(found "**/*.js", "a/b/c.js a/d.js e.js n/link/d.js")
  t:equal(found "a/**", "a a/b a/b/c.js a/d.js")
  t:equal(found "*/", "a n")
  t:equal(found "{a,n}/*", "a/b a/d.js n/link n/one.ts")
  t:equal(found "a/b/../d.js", "a/d.js")
  t:equal(found "./*.txt", "e.txt")
  t:equal(found "e.+(js|txt)", "e.js e.txt")
  t:equal(found(at "g/e.*"), at "g/e.js" .. " " .. at "g/e.txt")
  t:equal(found "none/**", "")
  t:equal(found { "*.js", "*.txt", "e.*" }, "e.js e.txt")
  t:equal(found(".*/*"), ".hidden/x.js")
  t:equal(found("**/*.js", { exclude = { "a/**" } }), "e.js n/link/d.js")
  t:equal(found("**/*.js", { exclude = function(name) return name == "a" or name == "n" end }), "e.js")
  local types = fs.globSync("*", { cwd = at "g", withFileTypes = true })
  t:equal(#types, 4)
  t:equal(types[1].name, "a")
  t:ok(types[1]:isDirectory())
  t:equal(types[1].parentPath, at "g")
  local names = {}
  for name in p.glob("**/*.ts", { cwd = at "g" }):iter() do names[#names + 1] = name end
  t:deep(names, { "n/one.ts" })
end)
