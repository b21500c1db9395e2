-- SPDX-License-Identifier: MIT
-- querystring. Answers recorded from Node 20.
local test = require "../support/test"
local querystring = require "querystring"
local json = require "json"

local function parsed(...) return json.stringify(querystring.parse(...)) end

test("parse", function(t)
  for text, want in pairs { ["a=1&b=2"] = '{"a":"1","b":"2"}', ["a=1&a=2&a=3"] = '{"a":["1","2","3"]}', a = '{"a":""}', ["="] = '{"":""}', ["&"] = "{}",
    ["a=&b"] = '{"a":"","b":""}', ["=b"] = '{"":"b"}', ["a&&b"] = '{"a":"","b":""}', ["a+b=c+d"] = '{"a b":"c d"}', ["a%20b=c%2Bd"] = '{"a b":"c+d"}',
    ["%zz=1"] = '{"%zz":"1"}', ["a=%C3%A9"] = '{"a":"é"}', ["a=%E9"] = '{"a":"\239\191\189"}', ["a=%E2%82"] = '{"a":"\239\191\189"}', ["a==b"] = '{"a":"=b"}',
    [""] = "{}", ["&&a=1&&"] = '{"a":"1"}', ["a=%"] = '{"a":"%"}', ["a=%4"] = '{"a":"%4"}', ["é=ü"] = '{"é":"ü"}', ["a[]=1&a[]=2"] = '{"a[]":["1","2"]}',
    ["__index=1"] = '{"__index":"1"}', ["a=%00"] = [[{"a":"\u0000"}]], ["%61=%62"] = '{"a":"b"}', ["a=é%zz"] = '{"a":"é%zz"}' } do
    t:equal(parsed(text), want, text)
  end
  t:equal(parsed(nil), "{}") t:equal(parsed(5), "{}")
end)

test("parse with separators, a limit and a decoder of one's own", function(t)
  t:equal(parsed("a:1;b:2", ";", ":"), '{"a":"1","b":"2"}')
  t:equal(parsed("a==1&&b==2", "&&", "=="), '{"a":"1","b":"2"}')
  t:equal(parsed("a=1&b=2&c=3", nil, nil, { maxKeys = 2 }), '{"a":"1","b":"2"}')
  t:equal(parsed("a=1", "", ""), '{"a":"1"}')
  t:equal(parsed("a=%20x", nil, nil, { decodeURIComponent = function(s) return "<" .. s .. ">" end }), '{"<a>":"<%20x>"}')
  t:equal(parsed("a=%41", nil, nil, { decodeURIComponent = function() error "no" end }), '{"a":"A"}')
  local many = ("a=1&"):rep(1500)
  t:equal(#querystring.parse(many).a, 1000) t:equal(#querystring.parse(many, nil, nil, { maxKeys = 0 }).a, 1500)
end)

test("stringify", function(t)
  t:equal(querystring.stringify { a = 1, b = "x y", c = { "1", "2" }, d = true, f = "é", g = 0 / 0, h = json.array(), i = {} },
    "a=1&b=x%20y&c=1&c=2&d=true&f=%C3%A9&g=&i=")
  t:equal(querystring.stringify({ a = 1, b = 2 }, ";", ":"), "a:1;b:2")
  t:equal(querystring.stringify({ a = "b c" }, nil, nil, { encodeURIComponent = function(x) return "<" .. x .. ">" end }), "<a>=<b c>")
  t:equal(querystring.stringify "x", "") t:equal(querystring.stringify { a = 10LL, b = 1e21, c = 0.1 }, "a=10&b=1e%2B21&c=0.1")
end)

test("escape and unescape", function(t)
  t:equal(querystring.escape "a-_.!~*'()b/?é€😀", "a-_.!~*'()b%2F%3F%C3%A9%E2%82%AC%F0%9F%98%80")
  t:equal(querystring.unescape "%41%zz%E2", "A%zz\239\191\189") t:equal(querystring.unescapeBuffer("a%41%zzé"):toString "hex", "6141257a7ae9")
  t:equal(querystring.unescapeBuffer("a+b", true):toString(), "a b")
  local e = t:throws(function() querystring.escape "\237\160\128" end, "ERR_INVALID_URI")
  t:equal(e.name, "URIError") t:equal(e.message, "URI malformed")
  t:equal(querystring.escape "\255", "%EF%BF%BD")
end)

test("what a program puts in place of escape and unescape is used", function(t)
  local escape, unescape = querystring.escape, querystring.unescape
  querystring.escape = function(s) return s:upper() end
  querystring.unescape = function(s) return s:lower() end
  t:equal(querystring.stringify { a = "b" }, "A=B") t:equal(parsed "A=B", '{"a":"b"}')
  querystring.escape, querystring.unescape = escape, unescape
  t:equal(querystring.encode, querystring.stringify) t:equal(querystring.decode, querystring.parse)
end)
