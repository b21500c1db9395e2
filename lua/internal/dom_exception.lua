-- SPDX-License-Identifier: MIT
--
-- DOMException(message, name | {name =, cause =}): an Error with a name and that name's old number in `code`
-- (Web IDL, "DOMException"; Node 20 docs: globals).
local class = require "lunode.internal.class"
local errors = require "lunode.internal.errors"

local Error = errors.Error
local DOMException = class("DOMException", Error)

-- name, constant, code
local NAMES = {
  { "IndexSizeError", "INDEX_SIZE_ERR", 1 }, { "DOMStringSizeError", "DOMSTRING_SIZE_ERR", 2 },
  { "HierarchyRequestError", "HIERARCHY_REQUEST_ERR", 3 }, { "WrongDocumentError", "WRONG_DOCUMENT_ERR", 4 },
  { "InvalidCharacterError", "INVALID_CHARACTER_ERR", 5 }, { "NoDataAllowedError", "NO_DATA_ALLOWED_ERR", 6 },
  { "NoModificationAllowedError", "NO_MODIFICATION_ALLOWED_ERR", 7 }, { "NotFoundError", "NOT_FOUND_ERR", 8 },
  { "NotSupportedError", "NOT_SUPPORTED_ERR", 9 }, { "InUseAttributeError", "INUSE_ATTRIBUTE_ERR", 10 },
  { "InvalidStateError", "INVALID_STATE_ERR", 11 }, { "SyntaxError", "SYNTAX_ERR", 12 },
  { "InvalidModificationError", "INVALID_MODIFICATION_ERR", 13 }, { "NamespaceError", "NAMESPACE_ERR", 14 },
  { "InvalidAccessError", "INVALID_ACCESS_ERR", 15 }, { "ValidationError", "VALIDATION_ERR", 16 },
  { "TypeMismatchError", "TYPE_MISMATCH_ERR", 17 }, { "SecurityError", "SECURITY_ERR", 18 },
  { "NetworkError", "NETWORK_ERR", 19 }, { "AbortError", "ABORT_ERR", 20 },
  { "URLMismatchError", "URL_MISMATCH_ERR", 21 }, { "QuotaExceededError", "QUOTA_EXCEEDED_ERR", 22 },
  { "TimeoutError", "TIMEOUT_ERR", 23 }, { "InvalidNodeTypeError", "INVALID_NODE_TYPE_ERR", 24 },
  { "DataCloneError", "DATA_CLONE_ERR", 25 },
}
local codes = {}
for _, entry in ipairs(NAMES) do
  codes[entry[1]] = entry[3]
  DOMException.static[entry[2]] = entry[3]
  DOMException.prototype[entry[2]] = entry[3]
end

function DOMException:initialize(message, options)
  local is_options = type(options) == "table" and options ~= errors.null
  Error.prototype.initialize(self, message, is_options and options or nil)
  local name = is_options and options.name or options
  if name == nil or name == errors.null or is_options and options.name == nil then name = "Error" end
  rawset(self, "name", tostring(name))
  rawset(self, "code", codes[rawget(self, "name")] or 0)
end

local door = require("lunode.internal.validators").door
if door.class then door.class(DOMException, "DOMException") end

return DOMException
