-- SPDX-License-Identifier: MIT
--
-- tls: not there yet; every function says so.
local absent = require("lunode.internal.errors").notImplemented

local M = { DEFAULT_ECDH_CURVE = "auto", DEFAULT_MIN_VERSION = "TLSv1.2", DEFAULT_MAX_VERSION = "TLSv1.3", CLIENT_RENEG_LIMIT = 3, CLIENT_RENEG_WINDOW = 600 }
for _, name in ipairs {
  "checkServerIdentity", "connect", "createSecureContext", "createServer", "getCiphers", "Server", "TLSSocket", "SecureContext",
} do M[name] = absent("tls." .. name) end
-- ---- signatures, for the reference (docs/api/README.md)
-- SecureContext, Server, TLSSocket, checkServerIdentity, connect, createSecureContext, createServer, getCiphers(...): raise ERR_METHOD_NOT_IMPLEMENTED

return M
