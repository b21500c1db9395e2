-- Files from a folder, streamed: types, conditional requests, byte ranges, and no way out of the folder.
--   lunode examples/static_files.lua [FOLDER]
local http = require "http"
local fs = require "fs"
local path = require "path"
local stream = require "stream"

local root = path.resolve(arg[1] or path.join(path.dirname(arg[0]), "public"))

local types = {
  [".html"] = "text/html; charset=utf-8", [".css"] = "text/css", [".js"] = "text/javascript", [".txt"] = "text/plain; charset=utf-8",
  [".json"] = "application/json", [".png"] = "image/png", [".svg"] = "image/svg+xml",
}

local function refuse(res, status)
  res:writeHead(status, { ["Content-Type"] = "text/plain" })
  res:finish(http.STATUS_CODES[status] .. "\n")
end

-- first, last byte of "bytes=a-b", "bytes=a-" or "bytes=-n"; nil when there is no range, false when it cannot be met.
local function range(header, size)
  local a, b = (header or ""):match "^bytes=(%d*)%-(%d*)$"
  a, b = tonumber(a), tonumber(b)
  if not a and not b then return nil end
  if not a then a, b = math.max(0, size - b), size - 1 end
  b = math.min(b or size - 1, size - 1)
  if a > b then return false end
  return a, b
end

local server = http.createServer(function(req, res)
  if req.method ~= "GET" and req.method ~= "HEAD" then return refuse(res, 405) end
  local name = req.url:match("^[^?]*"):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  local file = path.join(root, name)
  if name:find("\0", 1, true) or (file ~= root and file:sub(1, #root + 1) ~= root .. "/") then return refuse(res, 403) end
  fs.stat(file, function(err, stats)
    if not err and stats:isDirectory() then
      file = path.join(file, "index.html")
      local ok, inner = pcall(fs.statSync, file)
      err, stats = not ok or nil, inner
    end
    if err or not stats:isFile() then return refuse(res, 404) end
    local tag = ('"%x-%x"'):format(stats.size, stats.mtimeMs)
    res:setHeader("ETag", tag)
    res:setHeader("Accept-Ranges", "bytes")
    res:setHeader("Content-Type", types[path.extname(file)] or "application/octet-stream")
    if req.headers["if-none-match"] == tag then
      res:writeHead(304)
      return res:finish()
    end
    local first, last = range(req.headers.range, stats.size)
    if first == false then
      res:setHeader("Content-Range", "bytes */" .. stats.size)
      return refuse(res, 416)
    elseif first then
      res.statusCode = 206
      res:setHeader("Content-Range", ("bytes %d-%d/%d"):format(first, last, stats.size))
    else
      first, last = 0, stats.size - 1
    end
    res:setHeader("Content-Length", last - first + 1)
    if req.method == "HEAD" or last < first then return res:finish() end
    stream.pipeline(fs.createReadStream(file, { start = first, ["end"] = last }), res, function(failure)
      if failure and failure.code ~= "ERR_STREAM_PREMATURE_CLOSE" then console.error(failure) end
    end)
  end)
end)

server:listen(tonumber(process.env.PORT) or 8000, "127.0.0.1", function()
  console.log("Serving " .. root .. " on http://127.0.0.1:" .. server:address().port .. "/")
end)
