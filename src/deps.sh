#!/bin/sh
# SPDX-License-Identifier: MIT
# deps.sh [build|test|rock]: makes sure that what is needed is installed. As root on a Debian system it
# installs what is missing; elsewhere it names it with the one command that does, and exits 1.
# Overrides: LLHTTP_DIR, LUA_INCDIR, LIBUV_INCDIR, CARES_INCDIR, UNISTRING_INCDIR, ZLIB_INCDIR, BROTLI_INCDIR, LUAJIT, CC, PKG_CONFIG.
want=${1:-build}
pc=${PKG_CONFIG:-pkg-config}
missing=
need() { missing="$missing $1"; }
have() { command -v "$1" >/dev/null 2>&1; }

have "${CC:-cc}" || need "gcc libc6-dev"
have "${pc%% *}" || need pkg-config
have "${LUAJIT:-luajit}" || need luajit
[ -f "$LUA_INCDIR/luajit.h" ] || { have "${pc%% *}" && $pc --exists luajit; } || need libluajit-5.1-dev
[ -f "$LIBUV_INCDIR/uv.h" ] || { have "${pc%% *}" && $pc --exists libuv; } || need libuv1-dev
[ -f "$CARES_INCDIR/ares.h" ] || { have "${pc%% *}" && $pc --exists libcares; } || need libc-ares-dev
[ -f "$OPENSSL_INCDIR/openssl/evp.h" ] || { have "${pc%% *}" && $pc --exists "libcrypto >= 3"; } || need libssl-dev
[ -f "$UNISTRING_INCDIR/unicase.h" ] || [ -f /usr/include/unicase.h ] || [ -f /usr/local/include/unicase.h ] || need libunistring-dev
[ -f "$ZLIB_INCDIR/zlib.h" ] || { have "${pc%% *}" && $pc --exists zlib; } || need zlib1g-dev
[ -f "$BROTLI_INCDIR/brotli/encode.h" ] || { have "${pc%% *}" && $pc --exists libbrotlienc libbrotlidec; } || need libbrotli-dev
[ -f "${LLHTTP_DIR:-/usr/share/llhttp}/llhttp.c" ] || [ -f llhttp/llhttp.c ] || need node-llhttp
case $({ ldconfig -p || /sbin/ldconfig -p; } 2>/dev/null) in # loaded when JavaScript first matches a regular expression
  "" | *libpcre2-8.so*) ;;
  *) need libpcre2-8-0 ;;
esac
case $want in test|rock)
  have "${pc%% *}" && $pc --exists check || need check
  have curl || need curl
  have luarocks || need luarocks
esac
case $want in bench) have wrk || need wrk; have taskset || need util-linux ;; esac

[ -z "$missing" ] && exit 0
case $missing in *" pkg-config"*) # without it the libraries could not be looked for
  [ "$want" = build ] && missing=" gcc libc6-dev pkg-config luajit libluajit-5.1-dev libuv1-dev libc-ares-dev libssl-dev libunistring-dev zlib1g-dev libbrotli-dev libpcre2-8-0 node-llhttp" ;;
esac
install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ] && have apt-get && [ -z "$LUNODE_NO_INSTALL" ]; then
  echo "installing:$missing" >&2
  export DEBIAN_FRONTEND=noninteractive
  { $install || { apt-get update && $install; }; } >&2 && exit 0
fi
echo "missing:$missing - install with: sudo $install" >&2
exit 1
