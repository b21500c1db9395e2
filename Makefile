# Lunode. `make help` lists the targets.

PREFIX  ?= /usr/local
BUILD   ?= build
FILE    ?= examples/hello.lua
LUAJIT  ?= luajit
CC      ?= cc
OPT     ?= -O2 -g
WARN     = -Wall -Wextra -Wshadow -Wmissing-prototypes
V       ?= 0
Q        = $(if $(filter 1,$(V)),,@)

# Where things are. LuaRocks passes a LUA_INCDIR with PUC Lua's headers: it counts only when luajit.h is there.
PKG_CONFIG   ?= pkg-config
LLHTTP_DIR   ?= $(firstword $(wildcard /usr/share/llhttp llhttp))
LLHTTP_INCDIR ?= $(patsubst %/llhttp.h,%,$(firstword $(wildcard $(LLHTTP_DIR)/llhttp.h $(LLHTTP_DIR)/include/llhttp.h /usr/share/include/llhttp/llhttp.h)))
LUA_INC      := $(if $(wildcard $(LUA_INCDIR)/luajit.h),-I$(LUA_INCDIR),$(shell $(PKG_CONFIG) --cflags luajit 2>/dev/null))
LUA_LIB      ?= $(or $(shell $(PKG_CONFIG) --libs luajit 2>/dev/null),-lluajit-5.1)
UV_INC       := $(if $(LIBUV_INCDIR),-I$(LIBUV_INCDIR),$(shell $(PKG_CONFIG) --cflags libuv 2>/dev/null))
UV_LIB       := $(if $(LIBUV_LIBDIR),-L$(LIBUV_LIBDIR) -luv,$(or $(shell $(PKG_CONFIG) --libs libuv 2>/dev/null),-luv))

CFLAGS_ALL = -std=gnu11 -fPIC $(OPT) $(WARN) $(LUA_INC) $(UV_INC) -I$(LLHTTP_INCDIR) -Isrc -MMD -MP $(CFLAGS)
LIBS       = $(UV_LIB) -lpthread -ldl -lm $(EXTRA_LIBS)

SRC    := $(filter-out src/main.c,$(wildcard src/*.c))
OBJ    := $(SRC:src/%.c=$(BUILD)/obj/%.o)
LLHTTP := $(patsubst %,$(BUILD)/obj/llhttp/%.o,llhttp api http)
LUA    := $(shell find lua -name '*.lua')

.PHONY: all run test asan bench install rock dist clean help deps
all: $(BUILD)/lunode $(BUILD)/lib/lunode/core.so $(BUILD)/share/lunode

$(BUILD)/lunode: $(BUILD)/obj/main.o $(BUILD)/obj/embed.o $(OBJ) $(LLHTTP)
	@echo "  LINK  $@"
	$(Q)$(CC) -o $@ $^ $(LDFLAGS) $(LUA_LIB) $(LIBS)

$(BUILD)/lib/lunode/core.so: $(OBJ) $(LLHTTP)
	@echo "  LINK  $@"
	@mkdir -p $(@D)
	$(Q)$(CC) -shared -o $@ $^ $(LDFLAGS) $(LIBS)

# The tree as an installed library has it: package.path "build/share/?.lua;build/share/?/init.lua".
$(BUILD)/share/lunode: | $(BUILD)
	@mkdir -p $(@D)
	$(Q)ln -sfn $(abspath lua) $@

$(BUILD)/obj/%.o: src/%.c | deps
	@echo "  CC    $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(BUILD)/obj/llhttp/%.o: $(LLHTTP_DIR)/%.c | deps
	@echo "  CC    $(notdir $<)"
	@mkdir -p $(@D)
	$(Q)$(CC) -fPIC $(OPT) -DLLHTTP_STRICT_MODE=1 -I$(LLHTTP_INCDIR) $(CFLAGS) -w -c -o $@ $<

$(BUILD)/embed.c: src/embed.lua $(LUA) | $(BUILD)
	@echo "  EMBED lua/"
	$(Q)$(LUAJIT) src/embed.lua lua > $@.tmp && mv $@.tmp $@

$(BUILD)/obj/embed.o: $(BUILD)/embed.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -O0 -c -o $@ $<

$(BUILD):
	@mkdir -p $@

deps:

clean:
	rm -rf $(BUILD)

-include $(wildcard $(BUILD)/obj/*.d)
