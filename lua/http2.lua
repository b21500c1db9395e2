-- SPDX-License-Identifier: MIT
--
-- http2: its constants (RFC 9113, and the names of headers and methods that Node lists). There are no sessions: every function says so.
local class = require "lunode.internal.class"
local absent = require("lunode.internal.errors").notImplemented
local symbols = require "lunode.internal.symbols"

local M = { sensitiveHeaders = symbols.new "nodejs.http2.sensitiveHeaders" }
for _, name in ipairs {
  "connect", "createServer", "createSecureServer", "getDefaultSettings", "getPackedSettings", "getUnpackedSettings", "performServerHandshake",
} do M[name] = absent("http2." .. name) end
for _, name in ipairs { "Http2ServerRequest", "Http2ServerResponse" } do
  M[name] = class(name)
  M[name].initialize = absent("http2." .. name)
end

local constants = {
  NGHTTP2_ERR_FRAME_SIZE_ERROR = -522, NGHTTP2_SESSION_SERVER = 0, NGHTTP2_SESSION_CLIENT = 1, NGHTTP2_DEFAULT_WEIGHT = 16,
  NGHTTP2_FLAG_NONE = 0, NGHTTP2_FLAG_END_STREAM = 1, NGHTTP2_FLAG_END_HEADERS = 4, NGHTTP2_FLAG_ACK = 1, NGHTTP2_FLAG_PADDED = 8,
  NGHTTP2_FLAG_PRIORITY = 32, DEFAULT_SETTINGS_HEADER_TABLE_SIZE = 4096, DEFAULT_SETTINGS_ENABLE_PUSH = 1,
  DEFAULT_SETTINGS_MAX_CONCURRENT_STREAMS = 4294967295, DEFAULT_SETTINGS_INITIAL_WINDOW_SIZE = 65535, DEFAULT_SETTINGS_MAX_FRAME_SIZE = 16384,
  DEFAULT_SETTINGS_MAX_HEADER_LIST_SIZE = 65535, DEFAULT_SETTINGS_ENABLE_CONNECT_PROTOCOL = 0, MAX_MAX_FRAME_SIZE = 16777215,
  MIN_MAX_FRAME_SIZE = 16384, MAX_INITIAL_WINDOW_SIZE = 2147483647, NGHTTP2_SETTINGS_HEADER_TABLE_SIZE = 1, NGHTTP2_SETTINGS_ENABLE_PUSH = 2,
  NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS = 3, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE = 4, NGHTTP2_SETTINGS_MAX_FRAME_SIZE = 5,
  NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE = 6, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL = 8, PADDING_STRATEGY_NONE = 0,
  PADDING_STRATEGY_ALIGNED = 1, PADDING_STRATEGY_MAX = 2, PADDING_STRATEGY_CALLBACK = 1, HTTP_STATUS_TEAPOT = 418,
}
M.constants = constants

-- Values from a first one, in order.
local function count(prefix, from, names)
  for name in names:gmatch "%S+" do
    constants[prefix .. name] = from
    from = from + 1
  end
end
count("NGHTTP2_STREAM_STATE_", 1, "IDLE OPEN RESERVED_LOCAL RESERVED_REMOTE HALF_CLOSED_LOCAL HALF_CLOSED_REMOTE CLOSED")
count("NGHTTP2_", 0, [[NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR REFUSED_STREAM CANCEL
  COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED]])

local function constant_name(prefix, text) return prefix .. text:gsub("^:", ""):gsub("[^%w]+", "_"):upper() end

for name in ([[:status :method :authority :scheme :path :protocol accept accept-charset accept-encoding accept-language accept-ranges
  access-control-allow-credentials access-control-allow-headers access-control-allow-methods access-control-allow-origin access-control-expose-headers
  access-control-max-age access-control-request-headers access-control-request-method age allow alt-svc authorization cache-control connection
  content-disposition content-encoding content-language content-length content-location content-md5 content-range content-security-policy content-type
  cookie date dnt early-data etag expect expect-ct expires forwarded from host http2-settings if-match if-modified-since if-none-match if-range
  if-unmodified-since keep-alive last-modified link location max-forwards origin prefer priority proxy-authenticate proxy-authorization proxy-connection
  purpose range referer refresh retry-after server set-cookie strict-transport-security te timing-allow-origin tk trailer transfer-encoding upgrade
  upgrade-insecure-requests user-agent vary via warning www-authenticate x-content-type-options x-forwarded-for x-frame-options x-xss-protection]]):gmatch "%S+" do
  constants[constant_name("HTTP2_HEADER_", name)] = name
end

for name in ([[ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF
  MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI PROPFIND PROPPATCH PUT REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE
  UPDATEREDIRECTREF VERSION-CONTROL]]):gmatch "%S+" do
  constants[constant_name("HTTP2_METHOD_", name)] = name
end

for code, text in pairs(require("lunode.http").STATUS_CODES) do
  if code ~= 418 then constants[constant_name("HTTP_STATUS_", text)] = code end
end

-- ---- signatures, for the reference (docs/api/README.md)
-- connect, createServer, createSecureServer, getDefaultSettings, getPackedSettings, getUnpackedSettings, performServerHandshake(...): raise ERR_METHOD_NOT_IMPLEMENTED

return M
