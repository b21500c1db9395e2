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

# What is missing is installed (as root on Debian) or named, before anything is looked up.
GOALS := $(or $(MAKECMDGOALS),all)
WANT  := $(if $(filter rock,$(GOALS)),rock,$(if $(filter test asan unit,$(GOALS)),test,$(if $(filter bench,$(GOALS)),bench,build)))
ifneq ($(filter-out clean help,$(GOALS)),)
ifneq ($(shell LLHTTP_DIR='$(LLHTTP_DIR)' LUA_INCDIR='$(LUA_INCDIR)' LIBUV_INCDIR='$(LIBUV_INCDIR)' OPENSSL_INCDIR='$(OPENSSL_INCDIR)' CARES_INCDIR='$(CARES_INCDIR)' UNISTRING_INCDIR='$(UNISTRING_INCDIR)' ZLIB_INCDIR='$(ZLIB_INCDIR)' BROTLI_INCDIR='$(BROTLI_INCDIR)' LUAJIT='$(LUAJIT)' CC='$(CC)' sh src/deps.sh $(WANT) && echo ok),ok)
$(error what is missing is named above)
endif
endif

# Where things are. LuaRocks passes a LUA_INCDIR with PUC Lua's headers: it counts only when luajit.h is there.
PKG_CONFIG   ?= pkg-config
LLHTTP_DIR   ?= $(firstword $(wildcard llhttp /usr/share/llhttp))
LLHTTP_INCDIR ?= $(patsubst %/llhttp.h,%,$(firstword $(wildcard $(LLHTTP_DIR)/llhttp.h $(LLHTTP_DIR)/include/llhttp.h /usr/share/include/llhttp/llhttp.h)))
LUA_INC      := $(if $(wildcard $(LUA_INCDIR)/luajit.h),-I$(LUA_INCDIR),$(shell $(PKG_CONFIG) --cflags luajit 2>/dev/null))
LUA_LIB      ?= $(or $(shell $(PKG_CONFIG) --libs luajit 2>/dev/null),-lluajit-5.1)
UV_INC       := $(if $(LIBUV_INCDIR),-I$(LIBUV_INCDIR),$(shell $(PKG_CONFIG) --cflags libuv 2>/dev/null))
CARES_INC    := $(if $(CARES_INCDIR),-I$(CARES_INCDIR),$(shell $(PKG_CONFIG) --cflags libcares 2>/dev/null))
CARES_LIB    := $(if $(CARES_LIBDIR),-L$(CARES_LIBDIR) -lcares,$(or $(shell $(PKG_CONFIG) --libs libcares 2>/dev/null),-lcares))
UV_LIB       := $(if $(LIBUV_LIBDIR),-L$(LIBUV_LIBDIR) -luv,$(or $(shell $(PKG_CONFIG) --libs libuv 2>/dev/null),-luv))
# OpenSSL is loaded when it is first used (src/openssl.h): only its headers are needed to build. OPENSSL_LIBDIR is looked into first.
SSL_INC      := $(if $(OPENSSL_INCDIR),-I$(OPENSSL_INCDIR),$(shell $(PKG_CONFIG) --cflags libcrypto 2>/dev/null))
SSL_DEF      := $(if $(OPENSSL_LIBDIR),-DOPENSSL_LIBDIR='"$(OPENSSL_LIBDIR)"')
# libunistring likewise (src/idna.h). It has no .pc file.
UNISTRING_INC := $(if $(UNISTRING_INCDIR),-I$(UNISTRING_INCDIR)) $(if $(UNISTRING_LIBDIR),-DUNISTRING_LIBDIR='"$(UNISTRING_LIBDIR)"')
# zlib is linked; Brotli is loaded when it is first used (src/zlib_codec.h).
ZLIB_INC     := $(if $(ZLIB_INCDIR),-I$(ZLIB_INCDIR),$(shell $(PKG_CONFIG) --cflags zlib 2>/dev/null))
ZLIB_LIB     := $(if $(ZLIB_LIBDIR),-L$(ZLIB_LIBDIR) -lz,$(or $(shell $(PKG_CONFIG) --libs zlib 2>/dev/null),-lz))
BROTLI_INC   := $(if $(BROTLI_INCDIR),-I$(BROTLI_INCDIR),$(shell $(PKG_CONFIG) --cflags libbrotlienc libbrotlidec 2>/dev/null)) $(if $(BROTLI_LIBDIR),-DBROTLI_LIBDIR='"$(BROTLI_LIBDIR)"')

CFLAGS_ALL = -std=gnu11 -fPIC $(OPT) $(WARN) $(LUA_INC) $(UV_INC) $(CARES_INC) -I$(LLHTTP_INCDIR) $(SSL_INC) $(SSL_DEF) $(UNISTRING_INC) $(ZLIB_INC) $(BROTLI_INC) -Isrc -Icompat -I$(BUILD) -MMD -MP $(CFLAGS)
LIBS       = $(UV_LIB) $(CARES_LIB) $(ZLIB_LIB) -lpthread -ldl -lm $(EXTRA_LIBS)

SRC    := $(filter-out src/main.c,$(wildcard src/*.c))
OBJ    := $(SRC:src/%.c=$(BUILD)/obj/%.o)
LLHTTP := $(patsubst %,$(BUILD)/obj/llhttp/%.o,llhttp api http)
LUA    := $(shell find lua -name '*.lua')
PRELUDE := $(wildcard compat/prelude/*.lua compat/prelude/*/*.lua)
COMPAT := $(patsubst compat/%.c,$(BUILD)/obj/compat/%.o,$(wildcard compat/*.c))
UNIT   := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

.PHONY: all run docs fuzz unit test asan bench install rock dist clean help
all: $(BUILD)/lunode $(BUILD)/lib/lunode/core.so $(BUILD)/share/lunode

$(BUILD)/lunode: $(BUILD)/obj/main.o $(BUILD)/obj/embed.o $(OBJ) $(COMPAT) $(LLHTTP)
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

# The names of src/openssl.def as macros for the addresses that openssl_load finds.
$(BUILD)/openssl_names.h: src/openssl.def | $(BUILD)
	$(Q)sed -n 's/^F(\(.*\))$$/#define \1 (*openssl.\1)/p' $< > $@.tmp && mv $@.tmp $@

$(BUILD)/obj/%.o: src/%.c | $(BUILD)/openssl_names.h
	@echo "  CC    $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(BUILD)/obj/llhttp/%.o: $(LLHTTP_DIR)/%.c
	@echo "  CC    $(notdir $<)"
	@mkdir -p $(@D)
	$(Q)$(CC) -fPIC $(OPT) -DLLHTTP_STRICT_MODE=1 -I$(LLHTTP_INCDIR) $(CFLAGS) -w -c -o $@ $<

$(BUILD)/embed.c: src/embed.lua $(LUA) $(PRELUDE) | $(BUILD)
	@echo "  EMBED lua/ compat/prelude/"
	$(Q)$(LUAJIT) src/embed.lua lua=lunode compat/prelude=lunode.compat > $@.tmp && mv $@.tmp $@

$(BUILD)/obj/embed.o: $(BUILD)/embed.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -O0 -c -o $@ $<

$(BUILD):
	@mkdir -p $@

run: all
	$(Q)$(BUILD)/lunode $(FILE)

# ---- tests

# The JavaScript compiler.
$(BUILD)/obj/compat/%.o: compat/%.c
	@echo "  CC    $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(BUILD)/obj/compat.a: $(COMPAT)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/unit/%: tests/unit/%.c $(OBJ) $(LLHTTP) $(BUILD)/obj/compat.a
	@echo "  UNIT  $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -MF $(BUILD)/obj/$*.unit.d -o $@ $< $(OBJ) $(LLHTTP) $(BUILD)/obj/compat.a $(LDFLAGS) $(shell $(PKG_CONFIG) --cflags --libs check) $(LUA_LIB) $(LIBS)

# Fuzzing targets (tests/fuzz/fuzz.h): with a driver of their own, which the tests run, and with libFuzzer.
FUZZ      := $(basename $(notdir $(wildcard tests/fuzz/*.lua))) serialize javascript
FUZZ_ONE   = $(if $(wildcard tests/fuzz/$*.lua),tests/fuzz/lua.c -DFUZZ_TARGET='"$(abspath tests/fuzz/$*.lua)"',tests/fuzz/$*.c) tests/fuzz/state.c
seeds_of   = $(or $(wildcard tests/fuzz/seeds/$1.txt),tests/fixtures/$1_node.txt)

$(FUZZ:%=$(BUILD)/fuzz/%): $(BUILD)/fuzz/%: $(wildcard tests/fuzz/*) $(OBJ) $(LLHTTP) $(BUILD)/obj/compat.a | $(BUILD)/share/lunode
	@echo "  FUZZ  $@"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -MF $(BUILD)/obj/$*.fuzz.d -o $@ $(FUZZ_ONE) $(if $(LIBFUZZER),,tests/fuzz/driver.c) $(OBJ) $(LLHTTP) $(BUILD)/obj/compat.a $(LDFLAGS) $(LUA_LIB) $(LIBS)

TIME   ?= 60
TARGET ?= $(FUZZ)
CLANG  ?= clang
fuzz: $(TARGET:%=$(BUILD)/fuzz/%)
	@command -v $(CLANG) >/dev/null || { echo "missing: clang - install with: sudo apt-get install clang"; exit 2; }
	$(Q)$(MAKE) BUILD=$(BUILD)/libfuzzer CC=$(CLANG) LIBFUZZER=1 OPT="-O1 -g" CFLAGS="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=function" \
	  LDFLAGS="-fsanitize=fuzzer,address,undefined -fno-sanitize=function" $(TARGET:%=$(BUILD)/libfuzzer/fuzz/%)
	$(Q)set -e; $(foreach t,$(TARGET),mkdir -p $(BUILD)/libfuzzer/corpus/$t; \
	  $(BUILD)/fuzz/$t $(call seeds_of,$t) --write $(BUILD)/libfuzzer/corpus/$t; echo "== $t, $(TIME) s"; \
	  LUNODE_LUA=$(BUILD)/libfuzzer/share $(BUILD)/libfuzzer/fuzz/$t -max_total_time=$(TIME) -timeout=10 -detect_leaks=0 -print_final_stats=1 \
	    -artifact_prefix=$(BUILD)/libfuzzer/$t- $(BUILD)/libfuzzer/corpus/$t;)

unit: $(UNIT) $(FUZZ:%=$(BUILD)/fuzz/%)

test: all unit
	$(Q)BUILD=$(abspath $(BUILD)) tests/run

# Everything again under AddressSanitizer and UndefinedBehaviorSanitizer, leaks at the orderly end of a program among it.
ASAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
asan:
	$(Q)$(MAKE) BUILD=$(BUILD)/asan OPT="-O1 -g" CFLAGS="$(ASAN) $(CFLAGS)" LDFLAGS="$(ASAN) $(LDFLAGS)" $(BUILD)/asan/lunode unit
	$(Q)BUILD=$(abspath $(BUILD))/asan LUNODE_ASAN=1 ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 tests/run

bench: all
	$(Q)$(MAKE) -C tests/bench BUILD=$(abspath $(BUILD)) LLHTTP_DIR=$(LLHTTP_DIR)
	$(Q)BUILD=$(abspath $(BUILD)) LLHTTP_DIR=$(LLHTTP_DIR) tests/bench/run $(if $(SOAK),--soak) $(BENCH)

# ---- installing and packing

BINDIR  ?= $(PREFIX)/bin
LUADIR  ?= $(PREFIX)/share/lua/5.1
LIBDIR  ?= $(PREFIX)/lib/lua/5.1
STUBDIR ?= $(PREFIX)/share/lunode/library
INSTALL ?= install

# The reference and the stubs for lua-language-server, from the comments in lua/ (docs/api/README.md).
DOCS ?= docs/api
docs: all
	$(Q)$(BUILD)/lunode docs/api/generate.lua $(DOCS)
	@echo $(DOCS)/index.md

install: all
	$(Q)$(MAKE) BUILD=$(BUILD) DOCS=$(BUILD)/api docs
	@cd $(BUILD)/api/library && find . -name '*.lua' | while read -r f; do $(INSTALL) -D -m 644 $$f $(DESTDIR)$(STUBDIR)/$$f || exit 1; done
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/lunode
	$(INSTALL) -m 755 $(BUILD)/lunode $(DESTDIR)$(BINDIR)/lunode
	$(INSTALL) -m 755 $(BUILD)/lib/lunode/core.so $(DESTDIR)$(LIBDIR)/lunode/core.so
	@for f in $(LUA:lua/%=%); do $(INSTALL) -D -m 644 lua/$$f $(DESTDIR)$(LUADIR)/lunode/$$f || exit 1; done
	@for f in $(PRELUDE:compat/prelude/%=%); do $(INSTALL) -D -m 644 compat/prelude/$$f $(DESTDIR)$(LUADIR)/lunode/compat/$$f || exit 1; done

# Packs the rock, installs it into a throw-away tree, and runs a program from there both ways.
rock:
	$(Q)BUILD=$(abspath $(BUILD)) sh tests/support/rock.sh

# A release: the sources with llhttp's beside them, so that it builds where the system has none.
VERSION = $(shell sed -n 's/^\#define LUNODE_VERSION "\(.*\)"/\1/p' src/runtime.h)
DIST    = lunode-$(VERSION)
dist: | $(BUILD)
	$(Q)rm -rf $(BUILD)/$(DIST) && mkdir -p $(BUILD)/$(DIST)/llhttp
	$(Q)tar cf - --exclude=./build --exclude=./.git . | tar xf - -C $(BUILD)/$(DIST)
	$(Q)cp $(LLHTTP_DIR)/llhttp.c $(LLHTTP_DIR)/api.c $(LLHTTP_DIR)/http.c $(LLHTTP_INCDIR)/llhttp.h $(BUILD)/$(DIST)/llhttp/
	$(Q)tar czf $(BUILD)/$(DIST).tar.gz -C $(BUILD) $(DIST)
	@echo $(BUILD)/$(DIST).tar.gz

help:
	@echo "make                  build/lunode and build/lib/lunode/core.so"
	@echo "make run [FILE=f]     run a program, by default the hello server"
	@echo "make test             every test; ends with 'N passed, N failed'"
	@echo "make asan             every test under the address and undefined-behaviour sanitizers"
	@echo "make fuzz             each fuzzing target for TIME=60 seconds under libFuzzer (TARGET=name: one)"
	@echo "make bench            figures beside the rivals that are installed (SOAK=1: five million requests)"
	@echo "make docs             the reference and the editor's stubs into docs/api"
	@echo "make install PREFIX=  the command, the loadable module and the Lua files"
	@echo "make rock             pack the LuaRocks package and try it in a throw-away tree"
	@echo "make dist             a release tarball with llhttp's sources inside"
	@echo "Variables: BUILD CC OPT CFLAGS LDFLAGS LUAJIT PKG_CONFIG LUA_INCDIR LIBUV_INCDIR LIBUV_LIBDIR OPENSSL_INCDIR OPENSSL_LIBDIR CARES_INCDIR CARES_LIBDIR UNISTRING_INCDIR UNISTRING_LIBDIR ZLIB_INCDIR ZLIB_LIBDIR BROTLI_INCDIR BROTLI_LIBDIR LLHTTP_DIR V=1"

clean:
	rm -rf $(BUILD)

-include $(wildcard $(BUILD)/obj/*.d $(BUILD)/obj/compat/*.d)
