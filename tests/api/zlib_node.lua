-- SPDX-License-Identifier: MIT
-- zlib against Node's and the gzip command, where they are installed: what one writes the other reads.
local test = require "../support/test"
local child_process = require "child_process"
local fs, os, path = require "fs", require "os", require "path"
local zlib = require "zlib"
local Buffer = require("buffer").Buffer

local function command(name)
  local found = io.popen("command -v " .. name .. " 2>/dev/null")
  local where = found:read "*l"
  found:close()
  return where
end
local node, gzip = require("../support/node").path, command "gzip"
local no_node, no_gzip = not node and "node is not installed" or nil, not gzip and "gzip is not installed" or nil

local function text_of(size)
  local out, seed = {}, 11
  for i = 1, math.ceil(size / 8) do
    seed = (seed * 1103515245 + 12345) % 2147483648
    out[i] = ("%08d"):format(seed % 10000)
  end
  return table.concat(out):sub(1, size)
end

local SIZES = { 0, 1, 100, 20000, 500000 }
local FORMATS = {
  { "gzip", "gunzip" }, { "deflate", "inflate" }, { "deflateRaw", "inflateRaw" }, { "brotliCompress", "brotliDecompress" }, { "gzip", "unzip" },
}

-- Node runs a function of its zlib on what it is sent and answers the result.
local function in_node(call, input)
  local result = child_process.spawnSync(node, { "-e", [[
    const chunks = [];
    process.stdin.on("data", c => chunks.push(c)).on("end", () => {
      const zlib = require("zlib"), input = Buffer.concat(chunks);
      process.stdout.write(]] .. call .. [[);
    });]] }, { input = input, maxBuffer = 10000000 })
  assert(result.status == 0, tostring(result.stderr))
  return result.stdout
end

test("what is compressed here Node expands, and the other way", { skip = no_node, timeout = 60000 }, function(t)
  for _, format in ipairs(FORMATS) do
    for _, size in ipairs(SIZES) do
      local text = text_of(size)
      local name = format[1] .. " of " .. size
      t:equal(tostring(in_node("zlib." .. format[2] .. "Sync(input)", zlib[format[1] .. "Sync"](text))) == text, true, name)
      t:equal(tostring(zlib[format[2] .. "Sync"](in_node("zlib." .. format[1] .. "Sync(input)", text))) == text, true, name .. ", from Node")
    end
  end
end)

test("options have Node's effect", { skip = no_node, timeout = 60000 }, function(t)
  local text = text_of(30000)
  for _, case in ipairs {
    { "deflate", "inflate", "{dictionary: Buffer.from('01234567')}", { dictionary = "01234567" } },
    { "deflateRaw", "inflateRaw", "{dictionary: Buffer.from('01234567')}", { dictionary = "01234567" } },
    { "deflate", "inflate", "{windowBits: 9, memLevel: 1, level: 1, strategy: 3}", { windowBits = 9, memLevel = 1, level = 1, strategy = 3 } },
    { "deflateRaw", "inflateRaw", "{windowBits: 8}", { windowBits = 8 } },
    { "brotliCompress", "brotliDecompress", "{params: {6: 1}}", { params = { [6] = true, [2] = 25 } }, "{params: {1: 1}}", { params = { [1] = true } } },
  } do
    t:equal(tostring(in_node("zlib." .. case[2] .. "Sync(input, " .. (case[5] or case[3]) .. ")", zlib[case[1] .. "Sync"](text, case[4]))) == text, true, case[1])
    t:equal(tostring(zlib[case[2] .. "Sync"](in_node("zlib." .. case[1] .. "Sync(input, " .. case[3] .. ")", text), case[6] or case[4])) == text, true, case[2])
  end
end)

test("errors have Node's message, code and number", { skip = no_node, timeout = 60000 }, function(t)
  local seed = 5
  for _, format in ipairs(FORMATS) do
    local packed = zlib[format[1] .. "Sync"](text_of(2000))
    local inputs = { Buffer.alloc(0), packed:subarray(0, 1), packed:subarray(0, 30), packed:subarray(0, #packed - 1), Buffer.from "neither" }
    for i = 1, 25 do
      local bad = Buffer.from(packed)
      seed = (seed * 1103515245 + 12345) % 2147483648
      local at = math.floor(seed / 256) % (i < 15 and 20 or #bad) + 1
      bad[at] = bit.bxor(bad[at], seed % 255 + 1)
      inputs[#inputs + 1] = bad
    end
    -- All in one run of Node: each as four bytes of length and the data.
    local all = {}
    for i, input in ipairs(inputs) do
      local head = Buffer.alloc(4)
      head:writeUInt32BE(#input, 0)
      all[2 * i - 1], all[2 * i] = head, input
    end
    local theirs = tostring(in_node([[(() => {
      const out = [];
      for (let at = 0; at < input.length;) {
        const n = input.readUInt32BE(at);
        try { out.push("fine " + zlib.crc32(zlib.]] .. format[2] .. [[Sync(input.subarray(at + 4, at + 4 + n)))); }
        catch (e) { out.push([e.message, e.code, e.errno].join("|")); }
        at += 4 + n;
      }
      return out.join("\n");
    })()]], Buffer.concat(all)))
    local ours = {}
    for i, input in ipairs(inputs) do
      local ok, result = pcall(zlib[format[2] .. "Sync"], input)
      ours[i] = ok and "fine " .. zlib.crc32(result) or table.concat({ result.message, result.code, result.errno }, "|")
    end
    t:equal(table.concat(ours, "\n"), theirs, format[2])
  end
end)

test("constants and codes are Node's", { skip = no_node }, function(t)
  local theirs = tostring(in_node([[JSON.stringify([Object.entries(zlib.constants), Object.keys(zlib), Object.keys(zlib.codes)])]], ""))
  local all = require("json") and JSON and JSON.parse(theirs) or require("lunode.json").parse(theirs)
  for _, pair in ipairs(all[1]) do
    local name, value = pair[1], pair[2]
    if name ~= "ZLIB_VERNUM" and name ~= "Z_MAX_CHUNK" then t:equal(zlib.constants[name], value, name) end
  end
  for _, name in ipairs(all[2]) do t:ok(zlib[name] ~= nil, name) end
  for _, name in ipairs(all[3]) do t:ok(zlib.codes[tonumber(name) or name] ~= nil, name) end
end)

test("gzip's files are read and written", { skip = no_gzip, timeout = 30000 }, function(t)
  local dir = fs.mkdtempSync(path.join(os.tmpdir(), "lunode-zlib-"))
  local text = text_of(300000)
  local plain, ours = path.join(dir, "plain"), path.join(dir, "ours.gz")
  fs.writeFileSync(plain, text)
  local theirs = child_process.spawnSync(gzip, { "-9", "-c", plain }, { maxBuffer = 1000000 }).stdout
  t:equal(tostring(zlib.gunzipSync(theirs)) == text, true)
  await(require("stream/promises").pipeline(fs.createReadStream(plain), zlib.createGzip(), fs.createWriteStream(ours)))
  t:equal(child_process.spawnSync(gzip, { "-t", ours }).status, 0)
  t:equal(tostring(child_process.spawnSync(gzip, { "-dc", ours }, { maxBuffer = 1000000 }).stdout) == text, true)
  -- Two files one behind the other are one.
  fs.appendFileSync(ours, theirs)
  local n, crc = 0, 0
  for chunk in fs.createReadStream(ours):pipe(zlib.createGunzip()):iter() do
    n, crc = n + #chunk, zlib.crc32(chunk, crc)
  end
  t:equal(n, 600000)
  t:equal(crc, zlib.crc32(text .. text))
  fs.rmSync(dir, { recursive = true })
end)

test("an end in the middle of the work leaves nothing behind", {}, function(t)
  local function run(code)
    return child_process.spawnSync(process.execPath, { "-e", code }, { timeout = 20000 })
  end
  local busy = [[local zlib = require "zlib"
    local text = ("abcdefgh"):rep(500000)
    for i = 1, 8 do zlib.brotliCompress(Buffer.from(text), function() end) zlib.createGzip():write(Buffer.from(text)) end ]]
  t:equal(run(busy .. "setImmediate(function() process.exit(3) end)").status, 3)
  t:equal(run(busy .. "process.exit(4)").status, 4)
  local failed = run(busy .. "error('stop')")
  t:equal(failed.status, 1)
  t:match(tostring(failed.stderr), "stop")
end)
