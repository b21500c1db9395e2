-- SPDX-License-Identifier: MIT
local rt = ...
local L = rt.lua

function rt.complete.zlib(view, module)
  rt.bytes_doors(view)
  for _, name in L.ipairs { "Deflate", "Inflate", "Gzip", "Gunzip", "DeflateRaw", "InflateRaw", "Unzip", "BrotliCompress", "BrotliDecompress" } do
    local P = rt.face(module[name]).prototype
    local initialize = P.initialize
    L.rawset(P, "initialize", rt.bytes_door(initialize))
  end
  rt.null_properties(rt.proto_of(rt.proto_of(rt.face(module.Gzip).prototype)), "_handle")
  rt.put(view, "constants", { bits = 2, value = rt.fixed(view.constants) })
  for _, name in L.ipairs(rt.own_keys(view.constants)) do -- their old places
    if not name:find "^BROTLI" then rt.put(view, name, { bits = 0, value = view.constants[name] }) end
  end
  rt.put(view, "codes", { bits = 2, value = rt.global.Object.freeze(nil, view.codes) })
end
