// SPDX-License-Identifier: MIT
// The floor: runtime, protected calls, handles, blocks.
#include <check.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "call.h"
#include "error.h"
#include "handle.h"
#include "runtime.h"
#include "stream.h"

static lua_State *L;
static runtime *rt;

static void setup(void) {
  L = luaL_newstate();
  luaL_openlibs(L);
  lua_pushcfunction(L, luaopen_lunode_core);
  lua_call(L, 0, 1);
  lua_setglobal(L, "core");
  rt = runtime_get(L);
}

static void teardown(void) {
  lua_close(L);
}

static void run(const char *code) {
  if (luaL_dostring(L, code) != 0) ck_abort_msg("%s", lua_tostring(L, -1));
}

// Where Lua keeps what happened.
static const char *text(const char *global) {
  lua_getglobal(L, global);
  const char *s = lua_tostring(L, -1);
  lua_pop(L, 1);
  return s;
}

static char order[8];
typedef struct mark {
  deferred d;
  char letter;
} mark;
static void note(deferred *d) {
  strncat(order, &((mark *)d)->letter, 1);
}

START_TEST(deferred_work_runs_once_and_in_order) {
  mark a = {{0}, 'a'}, b = {{0}, 'b'}, c = {{0}, 'c'};
  a.d.run = b.d.run = c.d.run = note;
  order[0] = 0;
  runtime_defer(rt, &a.d);
  runtime_defer(rt, &b.d);
  runtime_defer(rt, &a.d);
  runtime_defer(rt, &c.d);
  runtime_run_deferred(rt);
  ck_assert_str_eq(order, "abc");
  order[0] = 0;
  runtime_defer(rt, &a.d);
  runtime_defer(rt, &b.d);
  runtime_cancel(rt, &b.d);
  runtime_defer(rt, &c.d);
  runtime_cancel(rt, &a.d);
  runtime_run_deferred(rt);
  ck_assert_str_eq(order, "c");
}
END_TEST

START_TEST(an_error_in_a_callback_goes_to_the_handler_and_leaves_the_stack_clean) {
  run("core.loop.setup(function() end, function(e) caught = e end, function(e) return 'traced: ' .. tostring(e) end, {})");
  int top = lua_gettop(rt->L);
  ck_assert(call_begin(rt, 2));
  ck_assert_int_eq(luaL_loadstring(rt->L, "error('boom', 0)"), 0);
  call_end(rt, 0);
  ck_assert_str_eq(text("caught"), "traced: boom");
  ck_assert_int_eq(lua_gettop(rt->L), top);
  ck_assert_uint_eq(rt->shared.depth, 0);
}
END_TEST

START_TEST(the_queues_are_drained_after_the_outermost_callback_only) {
  run("n = 0; core.loop.setup(function() n = n + 1; drained() end, print, tostring, {})");
  run("local ffi = require 'ffi'; ffi.cdef 'struct s { uint32_t pending, depth; };'\n"
      "shared = ffi.cast('struct s *', core.shared)\n"
      "function drained() shared.pending = n < 3 and 1 or 0 end");
  ck_assert(call_begin(rt, 2));
  luaL_loadstring(rt->L, "shared.pending = 1");
  rt->shared.depth = 1; // as if inside another
  call_end(rt, 0);
  rt->shared.depth = 0;
  run("assert(n == 0)");
  ck_assert(call_begin(rt, 2));
  luaL_loadstring(rt->L, "return");
  call_end(rt, 0);
  run("assert(n == 3)"); // again as long as something waits
}
END_TEST

START_TEST(a_handle_may_be_closed_twice_and_tells_once) {
  run("closed = 0; h = core.tcp.new(); h.owner = 'me'; h.onclose = function(o) assert(o == 'me'); closed = closed + 1 end\n"
      "h:close() h:close() assert(h:isClosing())\n"
      "core.loop.run() assert(closed == 1)\n"
      "assert(not pcall(h.bind, h, '127.0.0.1', 0)) h:close() h = nil collectgarbage() collectgarbage()");
  ck_assert_ptr_null(rt->handles);
}
END_TEST

START_TEST(a_live_handle_is_not_collected) {
  run("core.tcp.new() collectgarbage() collectgarbage()");
  ck_assert_ptr_nonnull(rt->handles);
  ck_assert_ptr_null(rt->handles->next);
}
END_TEST

START_TEST(handles_left_open_are_closed_with_the_state) {
  // The check is AddressSanitizer's and valgrind's: nothing leaks and nothing is used after it was freed.
  run("for i = 1, 10 do local h = core.tcp.new(); h:bind('127.0.0.1', 0); h:listen(1); h.onconnection = print end");
  run("local c = core.tcp.new(); c:connect('127.0.0.1', 1); c.onconnect = print");
}
END_TEST

START_TEST(teardown_before_the_state_closes_is_quiet) {
  run("h = core.tcp.new() h:bind('127.0.0.1', 0) h:listen(1) core.teardown() core.teardown()");
  run("assert(not pcall(h.listen, h, 1)) assert(not pcall(core.loop.run)) assert(not core.loop.alive()) assert(not pcall(core.tcp.new))");
}
END_TEST

START_TEST(a_wrong_argument_raises_and_changes_nothing) {
  run("h = core.tcp.new()\n"
      "for _, f in ipairs { function() h:bind(5, 5, {}) h:bind({}) end, function() h:write(5) end, function() h:write({}) end,\n"
      "  function() h:writev('x') end, function() h:writev({ 5 }) end, function() core.tcp.new().bind(5) end,\n"
      "  function() h.bind(io.stdout, 'x', 1) end, function() h.bind(newproxy(), 'x', 1) end } do assert(not pcall(f)) end\n"
      "assert(h:bind('nonsense', 1) < 0) assert(h:bind('127.0.0.1', 70000) < 0) assert(h:bind('127.0.0.1', 0) == 0)");
}
END_TEST

START_TEST(small_buffers_share_a_pool_and_large_ones_do_not) {
  buffer *a = buffer_new(L, rt, 100), *b = buffer_new(L, rt, 100), *c = buffer_new(L, rt, 5000), *d = buffer_new(L, rt, 0);
  ck_assert_ptr_eq(a->block, b->block);
  ck_assert_ptr_eq(b->data, a->data + 104);
  ck_assert_ptr_ne(c->block, a->block);
  ck_assert_ptr_null(d->block);
  lua_pop(L, 4);
  ck_assert_uint_ge(rt->external, 5000 + BUFFER_POOL_SIZE);
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_gc(L, LUA_GCCOLLECT, 0);
  ck_assert_uint_eq(rt->external, BUFFER_POOL_SIZE); // the pool that is still being cut
}
END_TEST

START_TEST(what_is_read_is_copied_when_small_and_given_away_when_large) {
  block *b = block_for_reading(rt, L), *was = b;
  memset(b->data, 7, BUFFER_READ_SIZE);
  buffer_push_read(L, rt, &b, 100);
  ck_assert_ptr_eq(b, was);
  ck_assert_int_eq(buffer_test(L, -1)->data[99], 7);
  buffer_push_read(L, rt, &b, BUFFER_READ_SIZE);
  ck_assert_ptr_null(b);
  ck_assert_ptr_eq(buffer_test(L, -1)->block, was);
  lua_pop(L, 2);
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_gc(L, LUA_GCCOLLECT, 0);
  ck_assert_int_eq(rt->spare_count, 1); // kept for the next read
  block *again = block_for_reading(rt, L);
  ck_assert_ptr_eq(again, was);
  block_unref(again);
}
END_TEST

START_TEST(a_window_keeps_its_block) {
  run("local b = core.buffer.from(('x'):rep(10000)) w = core.buffer.slice(b, 10, 20) b = nil collectgarbage() collectgarbage()");
  lua_getglobal(L, "w");
  size_t length;
  const char *bytes = buffer_bytes(L, -1, &length);
  ck_assert_uint_eq(length, 10);
  ck_assert_int_eq(memcmp(bytes, "xxxxxxxxxx", 10), 0);
  lua_pop(L, 1);
  run("assert(not pcall(core.buffer.slice, w, 5, 11)) assert(not pcall(core.buffer.slice, w, 6, 5)) assert(not pcall(core.buffer.slice, 'x', 0, 1))\n"
      "assert(not pcall(core.buffer.alloc, -1)) assert(not pcall(core.buffer.alloc, 0/0)) assert(not pcall(core.buffer.alloc, 2^40))");
}
END_TEST

START_TEST(garbage_buffers_are_collected_as_they_pile_up) {
  run("for i = 1, 2000 do core.buffer.alloc(1048576) end"); // 2 GB in all
  ck_assert_uint_lt(rt->external, (size_t)300 << 20);
}
END_TEST

START_TEST(every_uv_error_has_a_name) {
  run("assert(core.error.name(-2) == 'ENOENT') assert(core.error.code('ECONNRESET') == -104)\n"
      "assert(core.error.message(-2) == 'no such file or directory') assert(core.error.name(-99999):find('Unknown'))");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("runtime");
  TCase *tc = tcase_create("all");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, deferred_work_runs_once_and_in_order);
  tcase_add_test(tc, an_error_in_a_callback_goes_to_the_handler_and_leaves_the_stack_clean);
  tcase_add_test(tc, the_queues_are_drained_after_the_outermost_callback_only);
  tcase_add_test(tc, a_handle_may_be_closed_twice_and_tells_once);
  tcase_add_test(tc, a_live_handle_is_not_collected);
  tcase_add_test(tc, handles_left_open_are_closed_with_the_state);
  tcase_add_test(tc, teardown_before_the_state_closes_is_quiet);
  tcase_add_test(tc, a_wrong_argument_raises_and_changes_nothing);
  tcase_add_test(tc, small_buffers_share_a_pool_and_large_ones_do_not);
  tcase_add_test(tc, what_is_read_is_copied_when_small_and_given_away_when_large);
  tcase_add_test(tc, a_window_keeps_its_block);
  tcase_add_test(tc, garbage_buffers_are_collected_as_they_pile_up);
  tcase_add_test(tc, every_uv_error_has_a_name);
  suite_add_tcase(suite, tc);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? 0 : 1;
}
