rockspec_format = "3.0"
package = "lunode"
version = "scm-1"
source = { url = "git+https://github.com/lunode/lunode.git" }
description = {
  summary = "Servers in Lua with Node's idioms: one event loop, streams, net, http",
  detailed = "A small, fast runtime over libuv and LuaJIT with Node's API: events, buffers, streams, timers, promises, net and http. Needs LuaJIT 2.1.",
  license = "MIT",
}
supported_platforms = { "unix" }
dependencies = { "lua == 5.1" }
external_dependencies = { LIBUV = { header = "uv.h" } }
build = {
  type = "make",
  build_variables = {
    CFLAGS = "$(CFLAGS)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    LIBUV_INCDIR = "$(LIBUV_INCDIR)",
    LIBUV_LIBDIR = "$(LIBUV_LIBDIR)",
  },
  install_pass = false,
  install = {
    bin = { lunode = "build/lunode" },
    lib = { ["lunode.core"] = "build/lib/lunode/core.so" },
    lua = {
      ["lunode.internal.class"] = "lua/internal/class.lua",
      ["lunode.internal.errors"] = "lua/internal/errors.lua",
      ["lunode.internal.main"] = "lua/internal/main.lua",
      ["lunode.internal.queue"] = "lua/internal/queue.lua",
      ["lunode.internal.shape"] = "lua/internal/shape.lua",
      ["lunode.internal.validators"] = "lua/internal/validators.lua",
    },
  },
}
