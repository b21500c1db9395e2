-- async and await: code that reads from top to bottom and blocks nothing.
local http = require "http"
local fs = require("fs").promises
local lunode = require "lunode"

-- A promise for the whole answer.
local function get(url)
  return Promise(function(resolve, reject)
    http.get(url, function(res)
      local body = ""
      res:setEncoding("utf8")
      res:on("data", function(chunk) body = body .. chunk end)
      res:on("end", function() resolve { status = res.statusCode, body = body } end)
      res:on("error", reject)
    end):on("error", reject)
  end)
end

-- Each request waits a moment; ten at once take as long as one.
local server = http.createServer(function(req, res)
  async(function()
    await(lunode.sleep(20))
    local source = await(fs.readFile(arg[0], "utf8"))
    res:finish(req.url .. " was read from " .. #source .. " bytes of source")
  end)
end)

local function main()
  await(Promise(function(resolve) server:listen(0, "127.0.0.1", resolve) end))
  local base = "http://127.0.0.1:" .. server:address().port

  local first = await(get(base .. "/first"))
  console.log(first.status, first.body)

  local jobs = {}
  for i = 1, 10 do jobs[i] = get(base .. "/" .. i) end
  local answers = await(Promise.all(jobs))
  console.log(#answers .. " answers at once, the last: " .. answers[10].body:match "^%S+")

  local ok, err = pcall(function() await(get("http://127.0.0.1:1/")) end)
  console.log("an error is caught as any other:", ok, err.code)

  for chunk in lunode.stream.Readable.from({ "one", "two", "three" }):iter() do console.log(chunk) end
  server:close()
end

async(main)
