-- SPDX-License-Identifier: MIT
--
-- What the server and the client share: names, limits, header checks, the date.
--
-- How a client is built on these files:
--
--   local parser = core.http.parser("response", { maxHeaderSize = n, lenient = false })     contract: src/http_parser.h
--   parser.owner = x; parser.onheaders = fn(x, status, phrase, raw, flags); parser.onbody = fn(x, buffer); parser.oncomplete = fn(x, trailers)
--
--   onheaders:  local res = IncomingMessage(socket)
--               res:_head(flags, raw)            versions, raw headers (req.headers appear when asked for)
--               rawset(res, "statusCode", status); rawset(res, "statusMessage", phrase)
--   onbody:     res:_chunk(buffer)               pushes; stops the socket's reading when the reader is full (res:_read starts it again)
--   oncomplete: res:_complete(trailers)          trailers, complete = true, then the end of the stream
--   A connection that is lost in between: res:destroy(err); 'aborted', 'error' and 'close' follow as in Node.
--
--   ClientRequest extends OutgoingMessage: set useChunkedEncodingByDefault, shouldKeepAlive, agent, then setHeader …,
--   self:_storeHeader("GET / HTTP/1.1\r\n", headers or nil) to fix the head; self.socket = socket, socket._httpMessage = self and
--   self:_flush() once there is a connection. write, finish, cork, trailers and the 'finish', 'drain' and 'prefinish' events are the base class's.
--   `_implicitHeader` must be defined by the subclass and call _storeHeader.
local core = require "lunode.core"
local errors = require "lunode.internal.errors"

local http = core.http
local type, error, lower = type, error, string.lower
local null = errors.null

local M = {}

M.STATUS_CODES = {
  [100] = "Continue", [101] = "Switching Protocols", [102] = "Processing", [103] = "Early Hints",
  [200] = "OK", [201] = "Created", [202] = "Accepted", [203] = "Non-Authoritative Information", [204] = "No Content",
  [205] = "Reset Content", [206] = "Partial Content", [207] = "Multi-Status", [208] = "Already Reported", [226] = "IM Used",
  [300] = "Multiple Choices", [301] = "Moved Permanently", [302] = "Found", [303] = "See Other", [304] = "Not Modified",
  [305] = "Use Proxy", [307] = "Temporary Redirect", [308] = "Permanent Redirect",
  [400] = "Bad Request", [401] = "Unauthorized", [402] = "Payment Required", [403] = "Forbidden", [404] = "Not Found",
  [405] = "Method Not Allowed", [406] = "Not Acceptable", [407] = "Proxy Authentication Required", [408] = "Request Timeout",
  [409] = "Conflict", [410] = "Gone", [411] = "Length Required", [412] = "Precondition Failed", [413] = "Payload Too Large",
  [414] = "URI Too Long", [415] = "Unsupported Media Type", [416] = "Range Not Satisfiable", [417] = "Expectation Failed",
  [418] = "I'm a Teapot", [421] = "Misdirected Request", [422] = "Unprocessable Entity", [423] = "Locked",
  [424] = "Failed Dependency", [425] = "Too Early", [426] = "Upgrade Required", [428] = "Precondition Required",
  [429] = "Too Many Requests", [431] = "Request Header Fields Too Large", [451] = "Unavailable For Legal Reasons",
  [500] = "Internal Server Error", [501] = "Not Implemented", [502] = "Bad Gateway", [503] = "Service Unavailable",
  [504] = "Gateway Timeout", [505] = "HTTP Version Not Supported", [506] = "Variant Also Negotiates",
  [507] = "Insufficient Storage", [508] = "Loop Detected", [509] = "Bandwidth Limit Exceeded", [510] = "Not Extended",
  [511] = "Network Authentication Required",
}

-- The default of every parser's limit in bytes (Node 20 docs: http.maxHeaderSize).
M.maxHeaderSize = require("lunode.internal.options").maxHttpHeaderSize

-- The flags of src/http_parser.h.
M.KEEP_ALIVE, M.UPGRADE, M.HAS_HOST, M.HAS_EXPECT, M.COMPLETE = 2, 4, 8, 16, 128

-- Names come in few spellings: their lower case is remembered, up to a bound.
local lowered, lowered_count = {}, 0
function M.lower(name)
  local low = lowered[name]
  if low then return low end
  low = lower(name)
  if lowered_count < 1024 then
    lowered_count = lowered_count + 1
    lowered[name] = low
  end
  return low
end

local valid_names, valid_count = {}, 0

-- Raises ERR_INVALID_HTTP_TOKEN unless it is a token of RFC 9110. label: what it is called in the message.
function M.validateHeaderName(name, label)
  if valid_names[name or false] then return end
  if not http.isToken(name) then error(errors.ERR_INVALID_HTTP_TOKEN(label or "Header name", name == nil and "undefined" or name), 0) end
  if valid_count < 1024 then
    valid_count = valid_count + 1
    valid_names[name] = true
  end
end

local function check_text(name, value)
  local t = type(value)
  if t == "string" then
    if not http.isValue(value) then error(errors.ERR_INVALID_CHAR("header content", name), 0) end
  elseif t ~= "number" and t ~= "boolean" then
    error(errors.ERR_HTTP_INVALID_HEADER_VALUE(value ~= null and value or nil, name), 0)
  end
end

-- Text, a number, a boolean, or a list of these. Raises ERR_HTTP_INVALID_HEADER_VALUE, ERR_INVALID_CHAR.
function M.validateHeaderValue(name, value)
  if type(value) == "table" and value ~= null then
    for i = 1, #value do check_text(name, value[i]) end
    if value[1] ~= nil or next(value) == nil then return end
  end
  check_text(name, value)
end

-- What core.http.head and core.http.writeHead refused, as Node's error.
function M.raise_head(problem, name, value)
  if problem == "name" then error(errors.ERR_INVALID_HTTP_TOKEN("Header name", name == nil and "undefined" or name), 0) end
  if problem == "char" then error(errors.ERR_INVALID_CHAR("header content", name), 0) end
  if problem == "list" then error(errors.ERR_INVALID_ARG_VALUE("headers", value), 0) end
  error(errors.ERR_HTTP_INVALID_HEADER_VALUE(value ~= null and value or nil, name), 0)
end

-- The Date header's text, as of this second.
M.utcDate = http.date

-- A chunk in bytes: a string or Buffer; with an encoding other than UTF-8 a string is decoded.
function M.bytes(chunk, encoding)
  if encoding == nil or type(chunk) ~= "string" or encoding == "utf8" or encoding == "utf-8" or encoding == "latin1" or encoding == "binary" or encoding == "ascii" or encoding == "buffer" then
    return chunk
  end
  return require("lunode.buffer").Buffer.from(chunk, encoding)
end

local validators = require "lunode.internal.validators"
local as_bytes, door = validators.bytes, validators.door

function M.is_bytes(x)
  local t = type(x)
  return t == "string" or t == "userdata" and core.buffer.is(x)
end

-- -> the chunk: text or a Buffer
function M.check_chunk(chunk)
  if type(chunk) == "string" then return chunk end
  if chunk == null or chunk == nil and not door.adapt then error(errors.ERR_STREAM_NULL_VALUES(), 0) end
  chunk = as_bytes(chunk) or chunk
  if M.is_bytes(chunk) then return chunk end
  error(errors.ERR_INVALID_ARG_TYPE("chunk", { "string", "Buffer", "Uint8Array" }, chunk), 0)
end

return M
