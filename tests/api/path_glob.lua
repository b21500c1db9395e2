-- SPDX-License-Identifier: MIT
-- path.matchesGlob. What is expected was recorded from Node 20.
local test = require "../support/test"
local path = require "path"

-- lines of: path, pattern, whether it matches
local function check(t, text, matches)
  for name, pattern, want in text:gmatch "(%S+) +(%S+) +(%S)\n" do
    if name == "''" then name = "" end
    t:equal(matches(name, pattern), want == "+", name .. " against " .. pattern)
  end
end

test("a star and a question mark meet text within a name, but for a leading dot", function(t)
  check(t, [[
    foo.js      *.js     +
    a/foo.js    *.js     -
    .js         *.js     -
    .a          *        -
    .a          .*       +
    ..          .*       -
    ab          a?       +
    a           a?       -
    é           ?        +
    ''          *        -
    a/b         a/*      +
    a/.b        a/*      -
    a/          a        +
    a/          a/*      -
    a/b         *        -
  ]], path.matchesGlob)
end)

test("two stars meet directories at any depth, hidden ones not", function(t)
  check(t, [[
    a/b/c       **         +
    a/b/c       a/**       +
    a           a/**       -
    a/b         a/**/b     +
    a/x/y/b     a/**/b     +
    a/.x/b      a/**/b     -
    .a/b        **/b       -
    b           **/b       +
    a/b/c.js    **/*.js    +
    abc         a**        +
    a/bc        a**        -
    a/b/a/c     **/a/**/c  +
  ]], path.matchesGlob)
end)

test("classes hold characters, ranges and named sets", function(t)
  check(t, [==[
    b      [abc]         +
    d      [abc]         -
    d      [!abc]        +
    d      [^abc]        +
    b      [a-c]         +
    ]      []a]          +
    [      [             +
    [a     [a            +
    a      [[:alpha:]]   +
    é      [[:alpha:]]   +
    1      [[:alpha:]]   -
    .      [.]           +
    .a     [.]a          +
    .a     [.b]a         -
    b      [z-a]         -
    -      [a-]          +
  ]==], path.matchesGlob)
end)

test("braces stand for each of their alternatives", function(t)
  check(t, [[
    a       {a,b}          +
    c       {a,b}          -
    x.ts    *.{js,ts}      +
    ac      {a,b{c,d}}     -
    bc      {a,b{c,d}}     +
    3       {1..5}         +
    6       {1..5}         -
    05      {01..10}       +
    5       {01..10}       -
    4       {0..10..2}     +
    5       {0..10..2}     -
    c       {a..e}         +
    {a      {a             +
    {a}     {a}            +
    a/b/c   a/{b,x}/{c,y}  +
    a       {,a}           +
  ]], path.matchesGlob)
end)

test("groups repeat, choose and refuse", function(t)
  check(t, [[
    a       ?(a|b)     +
    aa      ?(a|b)     -
    abab    *(a|b)     +
    abc     *(a|b)     -
    ab      +(a|b)     +
    ''      +(a|b)     -
    ab      @(ab|c)    +
    c       @(ab|c)    +
    a       !(a)       -
    b       !(a)       +
    x.js    !(*.js)    -
    x.ts    !(*.js)    +
    .x      !(a)       -
    ab.js   @(a*|b).js +
    axxb    a*(x)b     +
    a.b     a@(.|-)b   +
    +(a     +(a        +
  ]], path.matchesGlob)
end)

test("dots and doubled slashes in path and pattern say nothing", function(t)
  check(t, [[
    a/./b     a/b      +
    a//b      a/b      +
    a/x/../b  a/b      +
    a/b       a/./b    +
    a/b       a/x/../b +
    /a/b      /*/b     +
    a/b       /*/b     -
  ]], path.matchesGlob)
end)

test("the path of Windows is separated by either slash", function(t)
  t:ok(path.win32.matchesGlob("a\\b", "a/*"))
  t:ok(path.win32.matchesGlob("a\\b\\c.js", "a\\**\\*.js"))
  t:no(path.matchesGlob("a\\b", "a/*"))
end)

test("no pattern takes long", function(t)
  t:no(path.matchesGlob(("a"):rep(200), ("*a"):rep(60) .. "b"))
  t:no(path.matchesGlob(("a"):rep(60), "+(a|aa|aaa)+(a|b)*(a|aa)c"))
  t:no(path.matchesGlob(("a/"):rep(60) .. "b", ("**/a/"):rep(12) .. "c"))
  t:no(path.matchesGlob("x", ("{a,b}"):rep(40)))
  t:no(path.matchesGlob("a", ("{"):rep(60000)))
  t:no(path.matchesGlob("x", ("@("):rep(3000) .. ("a)"):rep(3000)))
end)

test("only text is taken, and not too much of it", function(t)
  t:equal(t:throws(function() path.matchesGlob(5, "a") end, "ERR_INVALID_ARG_TYPE").message, 'The "path" argument must be of type string. Received type number (5)')
  t:equal(t:throws(function() path.matchesGlob("a", {}) end, "ERR_INVALID_ARG_TYPE").message, 'The "pattern" argument must be of type string. Received an instance of Object')
  t:equal(t:throws(function() path.matchesGlob("a", ("a"):rep(65537)) end, "TypeError").message, "pattern is too long")
end)
