-- A JSON API with a router: GET, POST, PUT and DELETE on /notes.
--   curl -d '{"text":"milk"}' http://127.0.0.1:8000/notes
local http = require "http"
local JSON = require "json"

local LIMIT = 64 * 1024 -- bytes of a request's body

local routes = {}
local function route(method, pattern, handler) routes[#routes + 1] = { method = method, pattern = "^" .. pattern .. "$", handler = handler } end

local function send(res, status, value)
  local body = value ~= nil and JSON.stringify(value) .. "\n" or ""
  res:writeHead(status, { ["Content-Type"] = "application/json", ["Content-Length"] = #body })
  res:finish(body)
end

-- Collects the body, refuses one that is too large, and hands over what it means.
local function with_body(req, res, done)
  local chunks, size = {}, 0
  req:setEncoding("utf8")
  req:on("data", function(chunk)
    size = size + #chunk
    if size <= LIMIT then chunks[#chunks + 1] = chunk end
  end)
  req:on("end", function()
    if size > LIMIT then return send(res, 413, { error = "body too large" }) end
    local ok, value = pcall(JSON.parse, table.concat(chunks))
    if not ok then return send(res, 400, { error = value.message }) end
    if type(value) ~= "table" or type(value.text) ~= "string" then return send(res, 422, { error = "text is missing" }) end
    done(value)
  end)
end

local notes, last = {}, 0

route("GET", "/notes", function(req, res)
  local list = JSON.array {}
  for id = 1, last do
    if notes[id] then list[#list + 1] = notes[id] end
  end
  send(res, 200, list)
end)

route("POST", "/notes", function(req, res)
  with_body(req, res, function(value)
    last = last + 1
    notes[last] = { id = last, text = value.text }
    res:setHeader("Location", "/notes/" .. last)
    send(res, 201, notes[last])
  end)
end)

route("GET", "/notes/(%d+)", function(req, res, id)
  local note = notes[tonumber(id)]
  if note then send(res, 200, note) else send(res, 404, { error = "no such note" }) end
end)

route("PUT", "/notes/(%d+)", function(req, res, id)
  local note = notes[tonumber(id)]
  if not note then return send(res, 404, { error = "no such note" }) end
  with_body(req, res, function(value)
    note.text = value.text
    send(res, 200, note)
  end)
end)

route("DELETE", "/notes/(%d+)", function(req, res, id)
  notes[tonumber(id)] = nil
  res:writeHead(204)
  res:finish()
end)

local server = http.createServer(function(req, res)
  local path = req.url:match "^[^?]*"
  local known = false
  for _, r in ipairs(routes) do
    local found, _, capture = path:find(r.pattern)
    if found then
      if r.method == req.method then return r.handler(req, res, capture) end
      known = true
    end
  end
  send(res, known and 405 or 404, { error = known and "method not allowed" or "not found" })
end)

server:listen(tonumber(process.env.PORT) or 8000, "127.0.0.1", function()
  console.log("Listening on http://127.0.0.1:" .. server:address().port .. "/notes")
end)
