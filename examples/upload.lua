-- Uploads, written to disk as they arrive: memory stays flat however large they are.
--   curl -T big.iso http://127.0.0.1:8000/big.iso        lunode examples/upload.lua [FOLDER]
local http = require "http"
local fs = require "fs"
local os = require "os"
local path = require "path"
local stream = require "stream"

local folder = arg[1] or fs.mkdtempSync(path.join(os.tmpdir(), "upload-"))
local LIMIT = 10 * 1024 * 1024 * 1024

local server = http.createServer(function(req, res)
  local function answer(status, text)
    res:writeHead(status, { ["Content-Type"] = "text/plain" })
    res:finish(text .. "\n")
  end
  local name = req.url:match "^/([%w%-_][%w%-_.]*)$"
  if req.method ~= "PUT" then return answer(405, "PUT a file") end
  if not name then return answer(400, "a plain file name is wanted") end
  if (tonumber(req.headers["content-length"]) or 0) > LIMIT then return answer(413, "too large") end

  local size = 0
  local counter = stream.Transform {
    transform = function(self, chunk, encoding, done)
      size = size + #chunk
      if size > LIMIT then return done(Error("too large")) end
      done(nil, chunk)
    end,
  }
  local part = path.join(folder, name .. ".part")
  stream.pipeline(req, counter, fs.createWriteStream(part), function(err)
    if err then
      fs.rm(part, { force = true }, function() end)
      if not res.headersSent and not req.destroyed then answer(500, err.message) end
      return
    end
    fs.rename(part, path.join(folder, name), function(failure)
      if failure then return answer(500, failure.message) end
      answer(201, name .. ": " .. size .. " bytes")
    end)
  end)
end)

server:listen(tonumber(process.env.PORT) or 8000, "127.0.0.1", function()
  console.log("Uploads to " .. folder .. " on http://127.0.0.1:" .. server:address().port .. "/")
end)
