-- SPDX-License-Identifier: MIT
-- JSON. Messages and texts recorded from Node 20; ours have line and column behind them.
local test = require "../support/test"
local json = require "json"
local core = require "lunode.core"
local Buffer = require("buffer").Buffer
local class = require "lunode.internal.class"

local broken = {
  { "", "Unexpected end of JSON input" },
  { " ", "Unexpected end of JSON input" },
  { "{", "Expected property name or '}' in JSON at position 1" },
  { "[", "Unexpected end of JSON input" },
  { "[1", "Expected ',' or ']' after array element in JSON at position 2" },
  { "[1,", "Unexpected end of JSON input" },
  { "[1,]", "Unexpected token ']', \"[1,]\" is not valid JSON" },
  { "[,1]", "Unexpected token ',', \"[,1]\" is not valid JSON" },
  { "{\"a\"}", "Expected ':' after property name in JSON at position 4" },
  { "{\"a\":}", "Unexpected token '}', \"{\"a\":}\" is not valid JSON" },
  { "{\"a\":1,}", "Expected double-quoted property name in JSON at position 7" },
  { "{a:1}", "Expected property name or '}' in JSON at position 1" },
  { "{'a':1}", "Expected property name or '}' in JSON at position 1" },
  { "\"", "Unterminated string in JSON at position 1" },
  { "\"a", "Unterminated string in JSON at position 2" },
  { "\"\\x\"", "Bad escaped character in JSON at position 2" },
  { "\"\\u12g4\"", "Bad Unicode escape in JSON at position 5" },
  { "\"\\u12\"", "Bad Unicode escape in JSON at position 5" },
  { "\"a\010b\"", "Bad control character in string literal in JSON at position 2" },
  { "\"\009\"", "Bad control character in string literal in JSON at position 1" },
  { "01", "Unexpected number in JSON at position 1" },
  { "-", "No number after minus sign in JSON at position 1" },
  { "1.", "Unterminated fractional number in JSON at position 2" },
  { ".5", "Unexpected token '.', \".5\" is not valid JSON" },
  { "1e", "Exponent part is missing a number in JSON at position 2" },
  { "1e+", "Exponent part is missing a number in JSON at position 3" },
  { "+1", "Unexpected token '+', \"+1\" is not valid JSON" },
  { "0x10", "Unexpected non-whitespace character after JSON at position 1" },
  { "NaN", "\"NaN\" is not valid JSON" },
  { "Infinity", "\"Infinity\" is not valid JSON" },
  { "tru", "Unexpected end of JSON input" },
  { "nulll", "Unexpected non-whitespace character after JSON at position 4" },
  { "undefined", "\"undefined\" is not valid JSON" },
  { "TRUE", "Unexpected token 'T', \"TRUE\" is not valid JSON" },
  { "[1 2]", "Expected ',' or ']' after array element in JSON at position 3" },
  { "{\"a\":1 \"b\":2}", "Expected ',' or '}' after property value in JSON at position 7" },
  { "1 2", "Unexpected non-whitespace character after JSON at position 2" },
  { "[]]", "Unexpected non-whitespace character after JSON at position 2" },
  { "{}}", "Unexpected non-whitespace character after JSON at position 2" },
  { "\239\187\1911", "Unexpected token '\239\187\191', \"\239\187\1911\" is not valid JSON" },
  { "// c\0101", "Unexpected token '/', \"// c\0101\" is not valid JSON" },
  { "[1]x", "Unexpected non-whitespace character after JSON at position 3" },
  { "\"\000\"", "Bad control character in string literal in JSON at position 1" },
  { "-01", "Unexpected number in JSON at position 2" },
  { "--1", "No number after minus sign in JSON at position 1" },
  { "[1,,2]", "Unexpected token ',', \"[1,,2]\" is not valid JSON" },
  { "{\"a\"::1}", "Unexpected token ':', \"{\"a\"::1}\" is not valid JSON" },
  { "\194\1601", "Unexpected token '\194\160', \"\194\1601\" is not valid JSON" },
  { "{\"a\" 1}", "Expected ':' after property name in JSON at position 5" },
  { "{\"a\" \"b\"}", "Expected ':' after property name in JSON at position 5" },
  { "[\"a\" \"b\"]", "Expected ',' or ']' after array element in JSON at position 5" },
  { "{1:2}", "Expected property name or '}' in JSON at position 1" },
  { "{\"aaaaaaaaaaaa\":1,\"bbbbbbb\":x,\"cccccccccccccccccccc\":2}", "Unexpected token 'x', ...\"\"bbbbbbb\":x,\"ccccccc\"... is not valid JSON" },
  { "xaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "Unexpected token 'x', \"xaaaaaaaaa\"... is not valid JSON" },
  { "[1,2,3,4,5,6,7,8,9,10,x]", "Unexpected token 'x', ...\",7,8,9,10,x]\" is not valid JSON" },
  { "[1,2,3,4,5,6,7,8,9,10,11,12,x", "Unexpected token 'x', ...\",10,11,12,x\" is not valid JSON" },
  { "\"\\u12", "Bad Unicode escape in JSON at position 5" },
  { "\"\\", "Unexpected end of JSON input" },
  { "-a", "No number after minus sign in JSON at position 1" },
  { "1.a", "Unterminated fractional number in JSON at position 2" },
  { "1ea", "Exponent part is missing a number in JSON at position 2" },
  { "{\"a\":\"b\"", "Expected ',' or '}' after property value in JSON at position 8" },
  { "{\"a\"", "Expected ':' after property name in JSON at position 4" },
  { "{\"a\":", "Unexpected end of JSON input" },
  { "{\"a\":1,", "Expected double-quoted property name in JSON at position 7" },
  { "[tru]", "Unexpected token ']', \"[tru]\" is not valid JSON" },
  { "tru}", "Unexpected token '}', \"tru}\" is not valid JSON" },
  { "[nul", "Unexpected end of JSON input" },
  { "\"\195\169\" x", "Unexpected non-whitespace character after JSON at position 4" },
  { "[object Object]", "\"[object Object]\" is not valid JSON" },
  { "\195\169", "Unexpected token '\195\169', \"\195\169\" is not valid JSON" },
  { "[1,\"", "Unterminated string in JSON at position 4" },
  { "1\0102", "Unexpected non-whitespace character after JSON at position 2" },
  { "{\010\"a\":\0101,\010x}", "Expected double-quoted property name in JSON at position 10" },
  { "{\"a\":1 2}", "Expected ',' or '}' after property value in JSON at position 7" },
  { "{\"a\":1\"b\"}", "Expected ',' or '}' after property value in JSON at position 6" },
  { "fals", "Unexpected end of JSON input" },
  { "f", "Unexpected end of JSON input" },
  { "[-]", "No number after minus sign in JSON at position 2" },
  { "[1.]", "Unterminated fractional number in JSON at position 3" },
  { "\"\\ud\0093d\\ude00 \\ud83dx \\u0000\"", "Bad Unicode escape in JSON at position 4" },
  { "[1.5,22333", "Expected ',' or ']' after array element in JSON at position 10" },
  { "{\"a\":[1,2.5,-3e10,{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\",\"t\":true,\"f\":false", "Expected ',' or '}' after property value in JSON at position 73" },
  { "{\"a\":[1,2.5,-3e10,{\"b\":nu7l,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\",\"t\":true,\"f\":false}", "Unexpected number in JSON at position 25" },
  { "{\"a\":[1,2.58,-3e10,{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\",\"t\":tru", "Unexpected end of JSON input" },
  { "  {\"k\" : \"fv\"., \"n\":[ 1 , 2 ]}\010", "Expected ',' or '}' after property value in JSON at position 13" },
  { "[[],[[]],{}, \"abc\\\"def\"x 0.1, 123456789012345680000, -0, 1e-7, 1", "Expected ',' or ']' after array element in JSON at position 23" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1,l123456789012345680000, -0, 1e-7, 1.7976931348623157e\009s08]", "Unexpected token 'l', ...\"def\", 0.1,l123456789\"... is not valid JSON" },
  { "{\"t\":[1,2.5,-3e10,{\"", "Unterminated string in JSON at position 20" },
  { "1.5,22,33x3.25,4444,55555.5e-3]", "Unexpected non-whitespace character after JSON at position 3" },
  { "\"\\ud83d\\ude00 \\ud83d: x u00", "Unterminated string in JSON at position 27" },
  { "{\"a\":[1,2.r,-3e10,{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\",\"t\":true,\"f\":false}", "Unterminated fractional number in JSON at position 10" },
  { "  {0\"/\" : \"v\" , \"n\":[ \\ , 2 ]}\010", "Expected property name or '}' in JSON at position 3" },
  { "[1.5,292,x333.95,4444,55555.5e-3]", "Unexpected token 'x', \"[1.5,292,x333.95,44\"... is not valid JSON" },
  { "{\"a\":[1,2.5,-3e10,{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\".,\"t\":true,\"f\":false/", "Expected ',' or '}' after property value in JSON at position 54" },
  { "[[],[[]],{+}, \"abc\\\"def\", 0.1, 1234567\0099012345680000, -0, 1e6-7, 1.7976931348623157e308]", "Expected property name or '}' in JSON at position 10" },
  { "\"\\ud83\\ude00 \\ud83d x \\4u000\"", "Bad Unicode escape in JSON at position 6" },
  { "  {[\"k\" :fl\"v\" , \"n\":[ 1 , 2 ]}\010", "Expected property name or '}' in JSON at position 3" },
  { "  {\"k\" : v\" , \"n\":[ 1 , 2 ]}", "Unexpected token 'v', \"  {\"k\" : v\" , \"n\":[\"... is not valid JSON" },
  { "[[],[[]],E}, \"abc\\\"def\", 0.1, 12345678912345680000, -0, 1e-f, 1.7976931348623157e308]", "Unexpected token 'E', \"[[],[[]],E}, \"abc\\\"\"... is not valid JSON" },
  { "\"\\ud83d\\ude00 \\7d83d x \\u0000\"", "Bad escaped character in JSON at position 15" },
  { "  {\"k\" :f\"v\" , \"n3\":[ 1 , 2 ]}\010", "Unexpected string in JSON at position 9" },
  { "\"\\ud83d\\ude00 \\ud83d  \\u0000", "Unterminated string in JSON at position 28" },
  { "[[],[[]8],{}, \"abc\\\"def\", 0.1, 123456789012345680000, -0, 1e-7, 1.7976931348623157e308]", "Expected ',' or ']' after array element in JSON at position 7" },
  { "  {\"k\" : \"v\"\240\159\152\128 \\, \"n\":[ 1 , 2 ]}\010", "Expected ',' or '}' after property value in JSON at position 12" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1, 12345678901234568000, -", "No number after minus sign in JSON at position 53" },
  { "[1 5,22,333.25,4444,55555.5e-3]", "Expected ',' or ']' after array element in JSON at position 3" },
  { "[[],[[]],{}, \"a4c\\\"def\", 0.1, 123456789012345680000, -0,", "Unexpected end of JSON input" },
  { "  {\"k\" : \"v\" , \"n\":[ f1 , 2 ]}\010", "Unexpected number in JSON at position 22" },
  { "\"\\ud83d\\ude00 \\ud83d x \\u0000\"l", "Unexpected non-whitespace character after JSON at position 30" },
  { "\"\\ud83d\\ude00 \\ud83d x \\3/000\"", "Bad escaped character in JSON at position 24" },
  { "\"\\xd83d\\udef0 \\ud83d x \\u0000\"", "Bad escaped character in JSON at position 2" },
  { " \"\\ud83", "Bad Unicode escape in JSON at position 7" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1, 123456789\240\159\152\128", "Expected ',' or ']' after array element in JSON at position 39" },
  { "{\"a\":[1,2.5,-3e10,{\"b\":nul7,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\",\"t\":true,\"f\":false}", "Unexpected number in JSON at position 26" },
  { "\"u1d83", "Unterminated string in JSON at position 6" },
  { "\"-\\ud83d\\,/de00 \\ud83d x \\u0000\"", "Bad escaped character in JSON at position 9" },
  { "[1.5,22,33.25,4444,55555}.5e-3]/", "Expected ',' or ']' after array element in JSON at position 24" },
  { "[ 1.5", "Expected ',' or ']' after array element in JSON at position 5" },
  { "{\"a\":[n,2.5,-3e\0100,{\"b\":null,\"c\":\"x\\u00e9\\n\"],\"\195\169\":\"\240\159\152\128\",\"t\":true,\"f\":false}", "Unexpected token ',', \"{\"a\":[n,2.5,-3e\0100\"... is not valid JSON" },
  { "\"\\ud83d\\ude00 ", "Unterminated string in JSON at position 14" },
  { "[1.5,22,333.25,4444,:555.5e-3]", "Unexpected token ':', ...\"3.25,4444,:555.5e-3]\" is not valid JSON" },
  { "[[],[[]],{}, \"abc\\\"def", "Unterminated string in JSON at position 22" },
  { "\"\\uud83d\\ude00 \\ud83d x \\u0000\"", "Bad Unicode escape in JSON at position 3" },
  { "{\"a\":[1,2.5,-3e10,{\"b\":Enull,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\",\"t\":true,\"f\":false}", "Unexpected token 'E', ...\"3e10,{\"b\":Enull,\"c\":\"... is not valid JSON" },
  { "\"\\ud8d\\ude00 \\ud83d x \\u000\"", "Bad Unicode escape in JSON at position 6" },
  { "{\"a\":[1,2.52-3e10,{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\240\159\152\128,\"t\":true,\"f\":false}", "Expected ',' or ']' after array element in JSON at position 12" },
  { "{\"a\":[1,2.5,-3e10,{\"b\":null,\"c\":\"x\\u00e9\\n\"},\"\195\169\":\"\240\159\152\128\",\"t+:true,\"f\":false}", "Expected ',' or ']' after array element in JSON at position 48" },
  { "[1.5,22,333.25,4444,5,555.ee-3", "Unterminated fractional number in JSON at position 26" },
  { "{\"a\":[1,2.5,,-3e130,6{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\",\"t\":true,\"f\":false}", "Unexpected token ',', ...\"a\":[1,2.5,,-3e130,6{\"... is not valid JSON" },
  { "  {\"k\" : \"v\" , \"n\":[ 1 , 2}]}\010", "Expected ',' or ']' after array element in JSON at position 26" },
  { "n  {\"k\" : \"v\" , \"n", "Unexpected token ' ', \"n  {\"k\" : \"v\" , \"n\" is not valid JSON" },
  { "4\"\\ud83d\\u0e00 \\ud83-d x \\u0000\"", "Unexpected non-whitespace character after JSON at position 1" },
  { "[1.f5,22,333.25,4444,55555.5e-\0093]", "Unterminated fractional number in JSON at position 3" },
  { "  {+\"k\" : \"v\" , \"n\":[ 1 , 2 ]}\010", "Expected property name or '}' in JSON at position 3" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1, 123456789012345680000, -0, 1e-:7,, 1.7976931348623157e3", "Exponent part is missing a number in JSON at position 60" },
  { "{\"a\":1,2.5,-3 10,{\"b\":null,\"c\":\"x\\u00e9\\", "Expected double-quoted property name in JSON at position 7" },
  { "[[],\"[[]],{}, \"abc\\\"def\", 0.1, 123456789012345+680000, -0, 1e-7, 1.7976931348623157e308]", "Expected ',' or ']' after array element in JSON at position 15" },
  { "  {\"k\" } \"v\" , \"n\":[ 1", "Expected ':' after property name in JSON at position 7" },
  { "[1.5,220333.25,4444,55555.5e-]", "Exponent part is missing a number in JSON at position 29" },
}

-- text, and what stringify(parse(text)) gives
local fine = {
  { "  {\"\" : \"v\" , \"n\":[ 1 , 2 ]}\010", "{\"\":\"v\",\"n\":[1,2]}" },
  { "[[],[[]],{}, \"ab\\\"def\", 0.1, 123456789012345680000, -0, 1e-7, 1.7976931348624157e308]", "[[],[[]],{},\"ab\\\"def\",0.1,123456789012345680000,0,1e-7,null]" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1, 123456789012345680000, -0, 1e-7, 1.7976931348623157e+308]", "[[],[[]],{},\"abc\\\"def\",0.1,123456789012345680000,0,1e-7,1.7976931348623157e+308]" },
  { "{\"a\":[1,2.5,-3e10,{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\",\"t\":true,\"f\":false}", "{\"a\":[1,2.5,-30000000000,{\"b\":null,\"c\":\"x\195\169\\n\"}],\"f\":false,\"t\":true,\"\195\169\":\"\240\159\152\128\"}" },
  { "\"\\ud83d\\ude00 \\ud83d x \\u00030\"", "\"\240\159\152\128 \\ud83d x \\u00030\"" },
  { "\"\\ud83d\\ude00 \\ud83d x \\u0000\"", "\"\240\159\152\128 \\ud83d x \\u0000\"" },
  { "{\"a\":[182.5,-3e10,{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\",\"t\":true,\"f\":false}", "{\"a\":[182.5,-30000000000,{\"b\":null,\"c\":\"x\195\169\\n\"}],\"f\":false,\"t\":true,\"\195\169\":\"\240\159\152\128\"}" },
  { "[1.5,282,333.25,4444,55555.5e-3]", "[1.5,282,333.25,4444,55.5555]" },
  { "\" {\"", "\" {\"" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1, 12345678901245680000, -0, 1e-7, 1.7976931348623157e308]", "[[],[[]],{},\"abc\\\"def\",0.1,12345678901245680000,0,1e-7,1.7976931348623157e+308]" },
  { "\"\\ud83d\\ude00\195\169\\ud83d x \\u0000\"", "\"\240\159\152\128\195\169\\ud83d x \\u0000\"" },
  { "{\"a\":[12.5,-3e10,{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\",\"t\":true,\"f\":false}", "{\"a\":[12.5,-30000000000,{\"b\":null,\"c\":\"x\195\169\\n\"}],\"f\":false,\"t\":true,\"\195\169\":\"\240\159\152\128\"}" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1, 123456789012345680000, -0, 1e-7, 1.797693134863157e308]", "[[],[[]],{},\"abc\\\"def\",0.1,123456789012345680000,0,1e-7,null]" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1, 123456789012345680000, -0, 1e-7, 1.797693348623157e308]", "[[],[[]],{},\"abc\\\"def\",0.1,123456789012345680000,0,1e-7,null]" },
  { "  {\"k\" : \"v\" , \"n\":[ 1 , 2]}\010", "{\"k\":\"v\",\"n\":[1,2]}" },
  { "\"\\ud83d\\ude00 ud83d x \\u0000\"", "\"\240\159\152\128 ud83d x \\u0000\"" },
  { "  {\"k\" : \"v\" , \"n\":[ 1 , 2 ]}\010", "{\"k\":\"v\",\"n\":[1,2]}" },
  { "[2.5,22,333.5,444455555.5e-3]", "[2.5,22,333.5,444455.5555]" },
  { "\"\\ud8ed\\ude00 \\ud83d9x \\u0000\"", "\"\241\139\152\128 \\ud83d9x \\u0000\"" },
  { "\"\\ud83d\\ude00 \\ud83d x7 \\u0000\"", "\"\240\159\152\128 \\ud83d x7 \\u0000\"" },
  { "  {\"k\" : \"v\" , \"n\":[ 1, 2 ]}\010", "{\"k\":\"v\",\"n\":[1,2]}" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1, 1239456789012345680000, -0, 1e-7, 1.7976931348623157e308]", "[[],[[]],{},\"abc\\\"def\",0.1,1.2394567890123458e+21,0,1e-7,1.7976931348623157e+308]" },
  { "[[],[[]],{}, \"abc\\\"df\", 0.1, 123456789012345680000, -0, 1e-7, 1.7976931348623157e308]", "[[],[[]],{},\"abc\\\"df\",0.1,123456789012345680000,0,1e-7,1.7976931348623157e+308]" },
  { "[[],[[]],{}, \"abuc\\\"def\", 0.1, 123456789012345680000, -0, 1e-7, 1.79769312348623157e308]", "[[],[[]],{},\"abuc\\\"def\",0.1,123456789012345680000,0,1e-7,1.7976931234862315e+308]" },
  { "\"\\ud883d\\ude00 \\ud83d x \\u0000\"", "\"\\ud883d\\ude00 \\ud83d x \\u0000\"" },
  { "\"\\ud83d\\ude00 \\u4d83d x \\u00e070\"", "\"\240\159\152\128 \228\182\131d x \195\16070\"" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1, 12345678912345680000, -0, 1e-7, 1.7976931348623157e308]", "[[],[[]],{},\"abc\\\"def\",0.1,12345678912345680000,0,1e-7,1.7976931348623157e+308]" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1, 123456789012345680000, -0, 1e-7, 1.797693134623157e308]", "[[],[[]],{},\"abc\\\"def\",0.1,123456789012345680000,0,1e-7,1.797693134623157e+308]" },
  { "{\"a\":[1,2.5,-3e10,{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\",\"t}\":true,\"f\":false}", "{\"a\":[1,2.5,-30000000000,{\"b\":null,\"c\":\"x\195\169\\n\"}],\"f\":false,\"t}\":true,\"\195\169\":\"\240\159\152\128\"}" },
  { "\"\\ud83d\\ude800 \\ud83d x \\u0000\"", "\"\240\159\154\1280 \\ud83d x \\u0000\"" },
  { "4", "4" },
  { "[[],[[]],{} , \"abc\\\"def\", 0.1, 123456789012345680000, -0, 1e-7, 1.7976931348623157e308]", "[[],[[]],{},\"abc\\\"def\",0.1,123456789012345680000,0,1e-7,1.7976931348623157e+308]" },
  { "[1.5,22,333.254444,55555.5e-3]", "[1.5,22,333.254444,55.5555]" },
  { "{\"a\":[1,2.5,3e10,{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"{\240\159\152\128\",\"t\":true,\"f\":false}", "{\"a\":[1,2.5,30000000000,{\"b\":null,\"c\":\"x\195\169\\n\"}],\"f\":false,\"t\":true,\"\195\169\":\"{\240\159\152\128\"}" },
  { "{\"a\":[9,2.5,-3e10,{\"b\":null,\"c\":\"x\\u00e9\\n\"}],\"\195\169\":\"\240\159\152\128\",\"t\":true,\"f\":false}", "{\"a\":[9,2.5,-30000000000,{\"b\":null,\"c\":\"x\195\169\\n\"}],\"f\":false,\"t\":true,\"\195\169\":\"\240\159\152\128\"}" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1, 123456789012345680000, -0, 1e-7, 1.797693148623157e308]", "[[],[[]],{},\"abc\\\"def\",0.1,123456789012345680000,0,1e-7,null]" },
  { "[[],[[]],{}, \"abc\\\"def\", 0.1, 123456789012345680000, 0, 1e-7,31.79769313486231573308]", "[[],[[]],{},\"abc\\\"def\",0.1,123456789012345680000,0,1e-7,31.797693134862314]" },
  { "\"\\ud83d\\ude00 \\ud832d x \\u0000\"", "\"\240\159\152\128 \\ud832d x \\u0000\"" },
  { "\"\\ud83dude0 \\ud83d x \\u0000\"", "\"\\ud83dude0 \\ud83d x \\u0000\"" },
  { "  {\"k\": \"v\" , \"n\":[ 1 , 2 ]}\010", "{\"k\":\"v\",\"n\":[1,2]}" },
}

test("broken texts raise SyntaxError in Node's words", function(t)
  for _, case in ipairs(broken) do
    local e = t:throws(function() json.parse(case[1]) end, { name = "SyntaxError" })
    t:equal(e.message:gsub(" %(line %d+ column %d+%)$", ""), case[2], case[1])
  end
end)

test("an error says where it is", function(t)
  local e = t:throws(function() json.parse '{\n  "a": 1,\n  b\n}' end, { name = "SyntaxError" })
  t:equal(e.line, 3) t:equal(e.column, 3) t:equal(e.position, 14)
  t:equal(e.message, "Expected double-quoted property name in JSON at position 14 (line 3 column 3)")
  e = t:throws(function() json.parse '"é" x' end, { name = "SyntaxError" })
  t:equal(e.position, 5) t:match(e.message, "at position 4 %(line 1 column 6%)$")
end)

test("texts come back in their shortest form", function(t)
  for _, case in ipairs(fine) do t:equal(json.stringify(json.parse(case[1])), case[2]) end
end)

test("parse: Buffers, null, marked lists, duplicate keys", function(t)
  local v = json.parse(Buffer.from '{"a":[],"b":null,"a":[1,null]}')
  t:equal(#v.a, 2) t:equal(v.a[2], json.null) t:equal(v.b, json.null)
  t:equal(json.stringify(json.parse "[]"), "[]") t:equal(json.stringify {}, "{}") t:equal(json.stringify(json.array()), "[]")
  t:throws(function() json.parse(5) end, "ERR_INVALID_ARG_TYPE")
  t:throws(function() json.parse(nil) end, "ERR_INVALID_ARG_TYPE")
end)

test("a part of a Buffer is parsed without what follows it", function(t)
  local b = Buffer.from "[12]34,5"
  t:equal(json.parse(b:subarray(0, 4))[1], 12) t:equal(json.parse(b:subarray(1, 3)), 12) t:equal(json.parse(b:subarray(4, 5)), 3)
  t:throws(function() json.parse(b:subarray(0, 3)) end, { name = "SyntaxError" })
end)

test("numbers are exact", function(t)
  t:equal(json.parse "0.1", 0.1) t:equal(json.parse "123456789.123456789e-5", 123456789.123456789e-5)
  t:equal(json.parse "2.2250738585072011e-308", 2.2250738585072011e-308) t:equal(json.parse "9007199254740993", 9007199254740992)
  t:equal(json.parse "1e400", math.huge) t:equal(json.parse "-1e400", -math.huge) t:equal(json.parse "1e-400", 0) t:equal(json.parse "0e999999999999", 0)
  t:equal(json.parse("0." .. ("0"):rep(320) .. "5"), 5e-321) t:equal(json.parse(("1"):rep(400)), math.huge)
  t:equal(1 / json.parse "-0", -math.huge)
  t:equal(json.parse "0.30000000000000000000000000000000000001", 0.3)
  math.randomseed(3)
  for _ = 1, 3000 do
    local x = (math.random() - 0.5) * 10 ^ math.random(-300, 300)
    t:equal(json.parse(json.stringify(x)), x)
    t:equal(json.parse(("%.17g"):format(x)), x)
  end
end)

test("numbers print as in JavaScript", function(t)
  for number, text in pairs { [1e21] = "1e+21", [123456789012345680000] = "123456789012345680000", [1e-6] = "0.000001", [1e-7] = "1e-7", [5e-324] = "5e-324",
    [1.7976931348623157e308] = "1.7976931348623157e+308", [0.1] = "0.1", [1 / 3] = "0.3333333333333333", [-1.5e-10] = "-1.5e-10", [4.35] = "4.35",
    [2 ^ 53] = "9007199254740992", [2 ^ 53 + 2] = "9007199254740994", [1e15] = "1000000000000000", [9.5367431640625e-7] = "9.5367431640625e-7", [2 ^ -1074 * 3] = "1.5e-323",
    [4.9406564584124654e-310] = "4.94065645841247e-310", [1e23] = "1e+23", [9e22] = "9e+22", [math.huge] = "null", [0] = "0" } do
    t:equal(json.stringify(number), text)
  end
  t:equal(json.stringify(-0), "0") t:equal(json.stringify(0 / 0), "null")
end)

test("strings: escapes, lone surrogates, what is no UTF-8", function(t)
  t:equal(json.stringify "\0\31\127\"\\/\b\f\n\r\t", [["\u0000\u001f]] .. "\127" .. [[\"\\/\b\f\n\r\t"]])
  t:equal(json.parse [["\ud83d\ude00 \ud83d x"]], "😀 \237\160\189 x")
  t:equal(json.stringify "\237\160\189\237\176", '"\\ud83d\239\191\189\239\191\189"')
  t:equal(json.stringify "a\255é\128", '"a\239\191\189é\239\191\189"')
  math.randomseed(11)
  for n = 0, 200 do
    local bytes = {}
    for i = 1, n do bytes[i] = string.char(math.random(0, 255)) end
    local garbage = table.concat(bytes)
    t:equal(type(json.parse(json.stringify(garbage))), "string")
    pcall(json.parse, garbage) pcall(json.parse, '"' .. garbage .. '"') pcall(json.parse, "[" .. garbage)
  end
end)

test("objects: sorted keys, numbers first; functions and nil are left out; instances keep their _fields", function(t)
  t:equal(json.stringify { b = 1, a = 2, [10] = 3, [2] = 4, f = print, B = 5 }, '{"2":4,"10":3,"B":5,"a":2,"b":1}')
  t:equal(json.stringify { 1, print, { x = print } }, "[1,null,{}]")
  local Point = class "Point"
  function Point:initialize(x) self.x = x self._y = 2 end
  t:equal(json.stringify(Point(1)), '{"x":1}')
  local wide = {}
  for i = 1, 100 do wide[("k%03d"):format(i)] = i end
  local text = json.stringify(wide)
  t:equal(text:sub(1, 22), '{"k001":1,"k002":2,"k0') t:equal(select(2, text:gsub(":", "")), 100)
  t:equal(json.stringify(print), nil) t:equal(json.stringify(nil), nil)
end)

test("many objects of the same and of different keys stay sorted", function(t)
  local list, want = {}, {}
  math.randomseed(5)
  for i = 1, 400 do
    local object, keys = {}, {}
    for k = 1, math.random(0, 9) do
      local key = string.char(96 + math.random(1, 26)) .. (i % 7)
      if object[key] == nil then
        object[key] = k
        keys[#keys + 1] = key
      end
    end
    table.sort(keys)
    for k = 1, #keys do keys[k] = ('"%s":%d'):format(keys[k], object[keys[k]]) end
    list[i], want[i] = object, "{" .. table.concat(keys, ",") .. "}"
  end
  t:equal(json.stringify(list), "[" .. table.concat(want, ",") .. "]")
end)

test("toJSON is called with its key, on Buffers too", function(t)
  t:equal(json.stringify { a = { toJSON = function(_, key) return key .. "!" end } }, '{"a":"a!"}')
  t:equal(json.stringify { { toJSON = function() return nil end } }, "[null]")
  t:equal(json.stringify { b = Buffer.from { 1, 2 } }, '{"b":{"data":[1,2],"type":"Buffer"}}')
  local e = t:throws(function() json.stringify { toJSON = function() error({ code = "MINE" }, 0) end } end)
  t:equal(e.code, "MINE")
end)

test("replacer and reviver", function(t)
  t:equal(json.stringify({ a = 1, b = { 2, 3 } }, function(k, v) if k == "a" then return nil end if type(v) == "number" then return v * k end return v end), '{"b":[2,6]}')
  t:equal(json.stringify({ b = 1, a = 2, [5] = 3, c = { a = 1, z = 2 } }, { "c", "a", 5, "a", "b" }), '{"c":{"a":1},"a":2,"5":3,"b":1}')
  t:equal(json.stringify({ 1, { 2 } }, {}), "[1,[2]]") t:equal(json.stringify({ a = 1 }, {}), "{}")
  local order = {}
  local v = json.parse('{"b":[1,2],"a":{"x":3}}', function(k, value)
    order[#order + 1] = tostring(k)
    if k == "x" then return nil end
    return type(value) == "number" and value * 2 or value
  end)
  t:equal(table.concat(order, " "), "x a 1 2 b ") t:equal(v.b[2], 4) t:equal(v.a.x, nil)
  t:throws(function() json.parse("1", 5) end, "ERR_INVALID_ARG_TYPE")
end)

test("indentation", function(t)
  t:equal(json.stringify({ { a = 1, b = {} , c = json.array() } }, nil, 2), '[\n  {\n    "a": 1,\n    "b": {},\n    "c": []\n  }\n]')
  t:equal(json.stringify({ 1 }, nil, ("é"):rep(11)), "[\n" .. ("é"):rep(10) .. "1\n]")
  t:equal(json.stringify({ 1 }, nil, 99):match "\n( *)", (" "):rep(10)) t:equal(json.stringify({ 1 }, nil, 0.5), "[1]") t:equal(json.stringify({ 1 }, nil, -1), "[1]")
  t:equal(json.stringify({ a = print }, nil, 2), "{}")
end)

test("what cannot be written", function(t)
  local c = { x = { 1 } }
  c.x[2] = c
  local e = t:throws(function() json.stringify(c) end, { name = "TypeError" })
  t:equal(e.message, "Converting circular structure to JSON\n    --> starting at object with constructor 'Object'\n"
    .. "    |     property 'x' -> object with constructor 'Array'\n    --- index 1 closes the circle")
  local list = {}
  list[1] = { b = { c = { d = { e = { f = list } } } } }
  e = t:throws(function() json.stringify(list) end, { name = "TypeError" })
  t:equal(e.message, "Converting circular structure to JSON\n    --> starting at object with constructor 'Array'\n"
    .. "    |     index 0 -> object with constructor 'Object'\n    |     property 'b' -> object with constructor 'Object'\n    |     ...\n"
    .. "    |     property 'e' -> object with constructor 'Object'\n    --- property 'f' closes the circle")
  e = t:throws(function() json.stringify { a = 1LL } end, { name = "TypeError" })
  t:equal(e.message, "Do not know how to serialize a BigInt")
  local shared = { 1 }
  t:equal(json.stringify { shared, shared }, "[[1],[1]]", "the same table twice is no circle")
end)

test("depth has a limit both ways, and up to it all is well", function(t)
  for _, pair in ipairs { { "[", "]" }, { '{"a":', "}" } } do
    local deep = pair[1]:rep(2499) .. "[]" .. pair[2]:rep(2499)
    t:equal(json.stringify(json.parse(deep)), deep)
    local e = t:throws(function() json.parse(pair[1]:rep(100000)) end, { name = "RangeError" })
    t:match(e.message, "nested too deeply")
  end
  local v = {}
  for _ = 1, 5000 do v = { v } end
  t:throws(function() json.stringify(v) end, { name = "RangeError" })
  v = {}
  for _ = 1, 5000 do v = { a = v } end
  t:throws(function() json.stringify(v) end, { name = "RangeError" })
end)
