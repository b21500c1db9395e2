-- SPDX-License-Identifier: MIT
-- Buffers and text: every encoding both ways, writing into little room, searching. Lines recorded from Node 20.
local test = require "../support/test"
local buffer = require "buffer"
local Buffer = buffer.Buffer
local z = Buffer.alloc(8)

-- Runs each case: its result as text (Buffers in hex), or "raises Name CODE message".
local function outcomes(t, cases)
  for _, case in ipairs(cases) do
    local ok, value = pcall(case[1])
    local got
    if not ok then
      got = type(value) == "table" and ("raises %s %s %s"):format(value.name, tostring(value.code), value.message) or "raises text " .. tostring(value)
    elseif Buffer.isBuffer(value) then got = value:toString "hex"
    else got = tostring(value) end
    t:equal(got, case[2])
  end
end

local function bytes(hex) return Buffer.from(hex == "-" and "" or hex, "hex") end
local function hex(b)
  local text = b:toString "hex"
  return text == "" and "-" or text
end
local function fields(line)
  local f = {}
  for x in line:gmatch "%S+" do f[#f + 1] = x end
  return f
end

-- E encoding text encoded byteLength offset room written target
local encoded = [[
E hex 2f3dc3a9660a2b302d - 4 2 4 0 eeeeeeeeeeeeeeeeeeee
E base64 67305f6230516267625f67 834fdbd106e06ff8 8 1 0 0 eeeeeeeeeeeeeeeeeeee
E ascii 672ff09f988041c48077c3a92f51 672f3d00410077e92f51 10 2 8 8 eeee672f3d00410077e9
E latin1 6267007f660a6751412d2f 6267007f660a6751412d2f 11 0 5 5 6267007f66eeeeeeeeee
E ascii 51463d622d4100 51463d622d4100 7 0 4 4 51463d62eeeeeeeeeeee
E utf8 c3a9627f46f09f988077 c3a9627f46f09f988077 10 1 4 4 eec3a9627feeeeeeeeee
E base64 2b0a41c3bf2f0a67 f80fe0 5 2 8 3 eeeef80fe0eeeeeeeeee
E utf8 2000c2802f30512be282ac 2000c2802f30512be282ac 11 0 6 6 2000c2802f30eeeeeeee
E base64url 62 - 0 2 4 0 eeeeeeeeeeeeeeeeeeee
E utf8 - - 0 1 2 0 eeeeeeeeeeeeeeeeeeee
E utf16le 3d622fc480e282ac 3d0062002f000001ac20 10 1 7 6 ee3d0062002f00eeeeee
E base64url 2d4166465f4667 f807c5fc58 5 2 0 0 eeeeeeeeeeeeeeeeeeee
E utf8 673041c480c280 673041c480c280 7 2 3 3 eeee673041eeeeeeeeee
E base64url 0a6651 7d 2 1 7 1 ee7deeeeeeeeeeeeeeee
E ascii - - 0 1 8 0 eeeeeeeeeeeeeeeeeeee
E ascii c3bf3d2b5fc4805f62203030 ff3d2b5f005f62203030 10 1 3 3 eeff3d2beeeeeeeeeeee
E ascii 465f6251002f625f 465f6251002f625f 8 0 5 5 465f625100eeeeeeeeee
E utf8 2b77e282ac46 2b77e282ac46 6 0 2 2 2b77eeeeeeeeeeeeeeee
E ascii 3d3d62c3a92fc3bfc480 3d3d62e92fff00 7 2 4 4 eeee3d3d62e9eeeeeeee
E base64url 5f67623030005f67412d2b fe06f4d3f800fb 8 2 5 5 eeeefe06f4d3f8eeeeee
E utf16le 0a5ff09f9880000a2d 0a005f003dd800de00000a002d00 14 2 0 0 eeeeeeeeeeeeeeeeeeee
E utf16le f09f9880f09f98800a51f09f9880c4800a2dc28066 3dd800de3dd800de0a0051003dd800de00010a002d0080006600 26 2 4 4 eeee3dd800deeeeeeeee
E utf16le f09f98802d3d 3dd800de2d003d00 8 2 1 0 eeeeeeeeeeeeeeeeeeee
E utf8 e282ac67f09f98800a307f3dc2802f e282ac67f09f98800a307f3dc2802f 15 0 1 0 eeeeeeeeeeeeeeeeeeee
E utf16le 5146c3a9 51004600e900 6 1 1 0 eeeeeeeeeeeeeeeeeeee
E ascii 6630 6630 2 2 5 2 eeee6630eeeeeeeeeeee
E base64url 0a3030412b3d4666416730 d3403e 8 0 3 3 d3403eeeeeeeeeeeeeee
E utf8 - - 0 0 7 0 eeeeeeeeeeeeeeeeeeee
E base64 465f2b 17ff 2 2 4 2 eeee17ffeeeeeeeeeeee
E utf8 006700f09f98805f2dc3a9c3bf 006700f09f98805f2dc3a9c3bf 13 0 8 8 006700f09f98805feeee
E latin1 672f46677751c3a951773df09f9880 672f46677751e951773d3d00 12 1 4 4 ee672f4667eeeeeeeeee
E base64url 5f776667462b30 ff07e017ed 5 2 5 5 eeeeff07e017edeeeeee
E base64 c280412d6746660a20 03e805 6 1 6 3 ee03e805eeeeeeeeeeee
E base64 51460a41 4050 3 0 7 2 4050eeeeeeeeeeeeeeee
E hex 2b20416767465f775f460a - 5 2 6 0 eeeeeeeeeeeeeeeeeeee
E hex 2b2f203d302f5f46 - 4 1 3 0 eeeeeeeeeeeeeeeeeeee
E utf16le - - 0 2 5 0 eeeeeeeeeeeeeeeeeeee
E utf8 c3bfc3bf46e282ac4641c480 c3bfc3bf46e282ac4641c480 12 1 4 4 eec3bfc3bfeeeeeeeeee
E latin1 67c480c28066c3a9 67008066e9 5 0 8 5 67008066e9eeeeeeeeee
E base64 510a5f202f2f2f2f 43ffffff 6 2 6 4 eeee43ffffffeeeeeeee
E hex 2f2b0a - 1 1 1 0 eeeeeeeeeeeeeeeeeeee
E base64url 6266460067c3bfc3bf2f0a62 6df160fd 7 2 8 4 eeee6df160fdeeeeeeee
E latin1 c480c280624620e282acc2805f2b67c280 0080624620ac805f2b6780 11 0 2 2 0080eeeeeeeeeeeeeeee
E utf8 3077005f77467f2f3d2020 3077005f77467f2f3d2020 11 1 8 8 ee3077005f77467f2fee
E base64url 202b623d412f f9 4 1 7 1 eef9eeeeeeeeeeeeeeee
E hex 41307f41673d67416741 a0 5 0 8 1 a0eeeeeeeeeeeeeeeeee
E utf8 3d2df09f98805f4100 3d2df09f98805f4100 9 0 3 2 3d2deeeeeeeeeeeeeeee
E ascii 41f09f9880 413d00 3 0 4 3 413d00eeeeeeeeeeeeee
E ascii c2802de282ac2b2b67c280203d67 802dac2b2b6780203d67 10 0 8 8 802dac2b2b678020eeee
E utf16le c4805120e282acf09f98802b466651 000151002000ac203dd800de2b00460066005100 20 1 2 2 ee0001eeeeeeeeeeeeee
E utf16le 000a3dc280 00000a003d008000 8 0 8 8 00000a003d008000eeee
E base64url 30465f20465f0a674666 d05fc5fe015f 7 2 0 0 eeeeeeeeeeeeeeeeeeee
E ascii 66c48051 660051 3 2 2 2 eeee6600eeeeeeeeeeee
E utf16le 4677c2803d20627f2f2fc48046 4600770080003d00200062007f002f002f0000014600 22 1 0 0 eeeeeeeeeeeeeeeeeeee
E hex 413066 a0 1 2 4 1 eeeea0eeeeeeeeeeeeee
E ascii c480f09f98803de282ac2f67 003d003dac2f67 7 0 0 0 eeeeeeeeeeeeeeeeeeee
E utf16le c48062c3a96677415f5162002d 00016200e9006600770041005f005100620000002d00 22 0 1 0 eeeeeeeeeeeeeeeeeeee
E utf16le 3d3077e282ac46 3d0030007700ac204600 10 2 5 4 eeee3d003000eeeeeeee
E hex 4166200a af 2 2 2 1 eeeeafeeeeeeeeeeeeee
E latin1 6677 6677 2 0 4 2 6677eeeeeeeeeeeeeeee
E utf8 c3a9c3a9467f41f09f98804141625141 c3a9c3a9467f41f09f98804141625141 16 1 7 7 eec3a9c3a9467f41eeee
E ascii f09f98802f20512f0a00200a 3d002f20512f0a00200a 10 2 0 0 eeeeeeeeeeeeeeeeeeee
E latin1 2ff09f988066302d3d662d66c280e282ac 2f3d0066302d3d662d6680ac 12 0 2 2 2f3deeeeeeeeeeeeeeee
E ascii 623d6262 623d6262 4 2 2 2 eeee623deeeeeeeeeeee
E utf8 203077665f 203077665f 5 1 7 5 ee203077665feeeeeeee
E ascii 2b20c480e282acf09f98804120 2b2000ac3d004120 8 0 5 5 2b2000ac3deeeeeeeeee
E hex 2b2f2b3041625f2b67 - 4 1 1 0 eeeeeeeeeeeeeeeeeeee
E ascii 665f3d7f2b41e282ac5ff09f98802b2f 665f3d7f2b41ac5f3d002b2f 12 1 2 2 ee665feeeeeeeeeeeeee
E utf8 3d670a2dc480e282ac2b0a 3d670a2dc480e282ac2b0a 11 1 3 3 ee3d670aeeeeeeeeeeee
E utf8 c3bfc4803d5f c3bfc4803d5f 6 2 3 2 eeeec3bfeeeeeeeeeeee
E ascii 667f0a00f09f9880 667f0a003d00 6 0 2 2 667feeeeeeeeeeeeeeee
E base64url 2b203d - 1 2 1 0 eeeeeeeeeeeeeeeeeeee
E base64url 670a0a3d465f3d672bc3bf - 7 0 1 0 eeeeeeeeeeeeeeeeeeee
E ascii 662bf09f98805fc3a9c480 662b3d005fe900 7 0 4 4 662b3d00eeeeeeeeeeee
E base64url 2067c3bfc3bf - 3 1 5 0 eeeeeeeeeeeeeeeeeeee
E latin1 c3a9 e9 1 2 8 1 eeeee9eeeeeeeeeeeeee
E base64url 410a2b465f622f 03e17f6f 5 1 5 4 ee03e17f6feeeeeeeeee
E utf8 41c480c3a97f 41c480c3a97f 6 1 3 3 ee41c480eeeeeeeeeeee
E utf8 300a51412f5fc3a97f 300a51412f5fc3a97f 9 1 8 8 ee300a51412f5fc3a9ee
E utf16le 77417f77462d 770041007f00770046002d00 12 2 7 6 eeee770041007f00eeee
E ascii 0a665130f09f9880677fc4802f6600 0a6651303d00677f002f6600 12 0 4 4 0a665130eeeeeeeeeeee
E latin1 512bc3a94641 512be94641 5 0 1 1 51eeeeeeeeeeeeeeeeee
E base64url 2d46302d7f41670a662f0a f85d3e0207ff 8 0 6 6 f85d3e0207ffeeeeeeee
E hex 6762c3a9622f5f - 3 1 1 0 eeeeeeeeeeeeeeeeeeee
E utf8 775177e282ac2d0a77e282ac0a 775177e282ac2d0a77e282ac0a 13 0 4 3 775177eeeeeeeeeeeeee
E base64 6766416241662067 81f01b01f8 6 1 2 2 ee81f0eeeeeeeeeeeeee
E utf16le c3bf623020e282ac46302b7767 ff00620030002000ac20460030002b0077006700 20 1 8 8 eeff00620030002000ee
E hex 622f66663d - 2 0 8 0 eeeeeeeeeeeeeeeeeeee
E utf8 3d7f625fc3a92d51 3d7f625fc3a92d51 8 0 6 6 3d7f625fc3a9eeeeeeee
E latin1 7fc3bfc3a95f2f46c280c280412b 7fffe95f2f468080412b 10 0 6 6 7fffe95f2f46eeeeeeee
E utf8 5167c3a92046662f0af09f9880207f 5167c3a92046662f0af09f9880207f 15 1 7 7 ee5167c3a9204666eeee
E utf8 2f774662660000 2f774662660000 7 1 5 5 ee2f77466266eeeeeeee
E utf8 c3bfc2807f0a2d c3bfc2807f0a2d 7 1 0 0 eeeeeeeeeeeeeeeeeeee
E utf16le 0a 0a00 2 2 8 2 eeee0a00eeeeeeeeeeee
E hex 3d0a - 1 1 8 0 eeeeeeeeeeeeeeeeeeee
E latin1 623dc3bff09f9880c280207f20 623dff3d0080207f20 9 2 1 1 eeee62eeeeeeeeeeeeee
E utf16le e282ac622f6777625f ac2062002f006700770062005f00 14 1 4 4 eeac206200eeeeeeeeee
E latin1 2bf09f98802dc3a90a51 2b3d002de90a51 7 2 2 2 eeee2b3deeeeeeeeeeee
E utf8 51f09f9880 51f09f9880 5 2 8 5 eeee51f09f9880eeeeee
E latin1 20c3a95f 20e95f 3 1 4 3 ee20e95feeeeeeeeeeee
E utf8 467f0a66 467f0a66 4 0 3 3 467f0aeeeeeeeeeeeeee
E hex 2d2f - 1 0 1 0 eeeeeeeeeeeeeeeeeeee
E latin1 51772b66 51772b66 4 1 1 1 ee51eeeeeeeeeeeeeeee
E latin1 66c28046 668046 3 2 4 3 eeee668046eeeeeeeeee
E base64 3d2b670a2f3d20c3bf - 6 0 8 0 eeeeeeeeeeeeeeeeeeee
E hex 665f2041463d5f3d675f - 5 2 1 0 eeeeeeeeeeeeeeeeeeee
E latin1 3dc3bf 3dff 2 1 4 2 ee3dffeeeeeeeeeeeeee
E latin1 c280773d0ac2802d2dc4802d 80773d0a802d2d002d 9 0 5 5 80773d0a80eeeeeeeeee
E latin1 626200 626200 3 0 3 3 626200eeeeeeeeeeeeee
E ascii 5f514141c3bf7f51 5f514141ff7f51 7 0 0 0 eeeeeeeeeeeeeeeeeeee
E utf16le 67c3bf003000f09f9880f09f9880c3a92f 6700ff000000300000003dd800de3dd800dee9002f00 22 1 6 6 ee6700ff000000eeeeee
E ascii f09f98805fe282ac 3d005fac 4 0 7 4 3d005faceeeeeeeeeeee
E latin1 5f3d206241e282ac41302b2b51 5f3d206241ac41302b2b51 11 2 8 8 eeee5f3d206241ac4130
E base64url 3d5f2f6766665f - 5 2 6 0 eeeeeeeeeeeeeeeeeeee
E base64url 414166305f660a5f 0007f4fdff 6 2 0 0 eeeeeeeeeeeeeeeeeeee
E hex 2f20200a41412b2b30 - 4 2 6 0 eeeeeeeeeeeeeeeeeeee
E utf16le 412b2d7f2b41c3a9 41002b002d007f002b004100e900 14 2 8 8 eeee41002b002d007f00
E base64 3062664130 d1b7c0 3 2 2 2 eeeed1b7eeeeeeeeeeee
E latin1 c28041 8041 2 1 5 2 ee8041eeeeeeeeeeeeee
E base64 622f410a002062 6ff01b 5 2 8 3 eeee6ff01beeeeeeeeee
]]

-- D encoding bytes decoded(as UTF-16) isUtf8 isAscii
local decoded = [[
D utf16le ed804180 ed804180 false false
D base64 d87fc0e2de 320048002f0041003400740034003d00 false false
D latin1 a982d83de2f0ac0082 a9008200d8003d00e200f000ac0000008200 false false
D utf8 3d41d8f4e2 3d004100fdfffdfffdff false false
D utf8 bf fdff false false
D utf16le bf41bfd898 bf41bfd8 false false
D utf16le e2a9e2a0 e2a9e2a0 false false
D base64url f080ffe0f4ff 3800490044005f003400500054005f00 false false
D utf8 c098a9ff82 fdfffdfffdfffdfffdff false false
D latin1 a990a9e2829fffe2f4 a9009000a900e20082009f00ff00e200f400 false false
D base64 d8a041a0807f 32004b00420042006f00490042002f00 false false
D base64url e0bf9fffa98000 34004c002d0066005f0036006d00410041004100 false false
D base64url e0d8ed 34004e006a007400 false false
D base64url 823d 67006a003000 false false
D base64 98009082 6d00410043005100670067003d003d00 false false
D ascii d8c0a9c2d8e200 5800400029004200580062000000 false false
D hex ffa0bf7fd8d8f4a0 6600660061003000620066003700660064003800640038006600340061003000 false false
D ascii d89fed90 58001f006d001000 false false
D hex de 64006500 false false
D ascii d8 5800 false false
D base64 - - true true
D utf16le 827f417feda9ff 827f417feda9 false false
D utf16le ac007f3dc2a9de ac007f3dc2a9 false false
D ascii 807ff09f007f 00007f0070001f0000007f00 false false
D utf8 9f3dac4100f07fa93d fdff3d00fdff41000000fdff7f00fdff3d00 false false
D hex f0dea9e241 6600300064006500610039006500320034003100 false false
D utf8 a0bfc0419f fdfffdfffdff4100fdff false false
D ascii 9f80bf80807fe0ace2 1f0000003f00000000007f0060002c006200 false false
D utf8 e2c0c27fbf fdfffdfffdff7f00fdff false false
D hex 90ede2ffdede7fffed 390030006500640065003200660066006400650064006500370066006600660065006400 false false
D ascii c2 4200 false false
D base64 827fff8000f400 67006e002f002f006700410044003000410041003d003d00 false false
D utf16le 80a0a9e2d8a9 80a0a9e2d8a9 false false
D base64url d8a9 32004b006b00 true false
D ascii a090f4803ded41 20001000740000003d006d004100 false false
D latin1 d8ed3de0 d800ed003d00e000 false false
D utf8 e280009f90a0 fdff0000fdfffdfffdff false false
D utf8 de827fa0ac00de90 82077f00fdfffdff00009007 false false
D utf16le 82 - false false
D base64url ac9f9f 72004a002d006600 false false
D utf16le a08080ff00acc2 a08080ff00ac false false
D utf8 8080007fbf fdfffdff00007f00fdff false false
D latin1 a97f41c03d a9007f004100c0003d00 false false
D utf8 9fc28098d8 fdff8000fdfffdff false false
D base64url 9800bfe2d80082a0 6d00410043005f003400740067004100670071004100 false false
D utf16le 00 - true true
D latin1 deacff987fe298c2 de00ac00ff0098007f00e2009800c200 false false
D latin1 98 9800 false false
D hex 9880807f90d880 39003800380030003800300037006600390030006400380038003000 false false
D utf16le 9f823d7fa0e2 9f823d7fa0e2 false false
D hex f0ac 6600300061006300 false false
D ascii 9fc2f0dee0a98280ac 1f00420070005e0060002900020000002c00 false false
D hex 90004180809f 390030003000300034003100380030003800300039006600 false false
D base64url bfa0 760036004100 false false
D base64 e28090bfbff4 34006f0043005100760037002f003000 false false
D utf8 ac fdff false false
D utf16le 8000eded98d8de 8000eded98d8 false false
D ascii 82ed90 02006d001000 false false
D hex a080c2 610030003800300063003200 false false
D utf16le 3dff82a9f0ed7f 3dff82a9f0ed false false
D ascii 98 1800 false false
D base64 aced80 72004f0032004100 false false
D utf16le 80f4 80f4 false false
D ascii c241f0f4a0 42004100700074002000 false false
D utf8 a9a0f0e24141 fdfffdfffdfffdff41004100 false false
D latin1 80a0e0f4d8a0a0d8e0 8000a000e000f400d800a000a000d800e000 false false
D utf16le e0ac e0ac false false
D ascii f4ffc0ac3d 74007f0040002c003d00 false false
D base64url f4de4198907f90 39004e00350042006d004a0042005f006b004100 false false
D base64url de3dde 33006a0033006500 false false
D base64 00f07fe000 4100500042002f003400410041003d00 false false
D base64url - - true true
D latin1 ed90e000804198 ed009000e0000000800041009800 false false
D base64url c0c29f 77004d004b006600 false false
D utf16le 417fff9fbf9f41 417fff9fbf9f false false
D utf8 809f82ac fdfffdfffdfffdff false false
D ascii f080e0c2ffbfc0 70000000600042007f003f004000 false false
D base64 8098ff82d8ac 67004a006a002f006700740069007300 false false
D hex 003dc0 300030003300640063003000 false false
D utf16le de80e0e2ff90a080 de80e0e2ff90a080 false false
D hex 3d3d 3300640033006400 true true
D base64url 804198417f0000 6700450047005900510058003800410041004100 false false
D utf8 e2ff fdfffdff false false
D ascii 7fa9a0c041 7f002900200040004100 false false
D utf16le ac3d ac3d false false
D base64 c0 770041003d003d00 false false
D utf16le 9f - false false
D base64url bff4f480bfe0ffdea9 76005f005400300067004c005f0067005f00390036007000 false false
D utf8 80d89f418090f4 fdff1f064100fdfffdfffdff false false
D hex 41e0e0d841a00080 3400310065003000650030006400380034003100610030003000300038003000 false false
D utf16le 80 - false false
D utf8 ff fdff false false
D utf8 7f413dac98a0 7f0041003d00fdfffdfffdff false false
D ascii c098 40001800 false false
D utf8 bfac fdfffdff false false
D base64 8000ff 6700410044002f00 false false
D utf8 00 0000 true true
D utf8 7fa0c0a0f03de080 7f00fdfffdfffdfffdff3d00fdfffdff false false
D ascii 80de9880ac00 00005e00180000002c000000 false false
D utf16le 80bf 80bf false false
D utf8 c29fa0 9f00fdff false false
D utf16le 80f482ace0f4 80f482ace0f4 false false
D latin1 e0ed e000ed00 false false
D hex c0f0009f 63003000660030003000300039006600 false false
D base64 80dea090c2f4 67004e00360067006b004d004c003000 false false
D base64 bf9ff0f0e2e0 760035002f00770038004f004c006700 false false
D base64 9fbf3d80e2a9e2a9 6e0037003800390067004f004b007000340071006b003d00 false false
D base64 4198de 51005a006a006500 false false
D latin1 3d829f98c290f0ff 3d0082009f009800c2009000f000ff00 false false
D hex acf49fe0f47f82e2 6100630066003400390066006500300066003400370066003800320065003200 false false
D ascii 98e080 180060000000 false false
D hex 7f3d3d 370066003300640033006400 true true
D latin1 98c0e0f0 9800c000e000f000 false false
D base64 f4c2 39004d0049003d00 false false
D ascii a0 2000 false false
D base64 9f9f983d80bf9f 6e0035002b0059005000590043002f006e0077003d003d00 false false
D ascii f400ac41 740000002c004100 false false
D latin1 a998c2a9 a9009800c200a900 false false
D utf8 9f820080f4 fdfffdff0000fdfffdff false false
D ascii ffac 7f002c00 false false
]]

-- S haystack needle offset encoding indexOf lastIndexOf, the same with the needle as text, lastIndexOf without offset, includes
local searched = [[
S 616261 - 3 latin1 3 3 3 3 3 true
S 626161626161616162616261 - 5 latin1 5 5 5 5 12 true
S 6261 62 8 utf16le -1 -1 2 2 0 false
S 6162616161626262 6262 2 latin1 5 -1 5 -1 6 true
S 62616161626262 616262 5 latin1 -1 3 -1 3 3 false
S 6261616261 616161 0 latin1 -1 -1 -1 -1 -1 false
S 6262616161626261 62 1 latin1 1 1 1 1 6 true
S 62 61 -6 latin1 -1 -1 -1 -1 -1 false
S 6161 616261 10 utf16le -1 -1 -1 -1 -1 false
S 6261626262626162626262 626261 0 latin1 4 -1 4 -1 4 true
S - 616161 11 latin1 -1 -1 -1 -1 -1 false
S 626261626261 62 4 latin1 4 4 4 4 4 true
S 6261616161616261616261 616161 -11 latin1 1 -1 1 -1 3 true
S 6162626262616261616262 - 4 latin1 4 4 4 4 11 true
S 61616161 62 7 utf16le -1 -1 4 4 -1 false
S 61616262616161616162 62 -4 latin1 9 3 9 3 9 true
S 616261626161 62 -1 utf16le -1 -1 5 5 3 false
S 6161 616161 2 latin1 -1 -1 -1 -1 -1 false
S 616262616162626261626162 616162 -1 utf16le -1 -1 -1 -1 3 false
S 61 62 -5 latin1 -1 -1 -1 -1 -1 false
S 616161626162626262616262 61 9 latin1 9 9 9 9 9 true
S 626262616162626262616262 61 -12 latin1 3 -1 3 -1 9 true
S 62626261626162616261 616262 6 latin1 -1 -1 -1 -1 -1 false
S 616262 - 11 latin1 3 3 3 3 3 true
S 62616261626261616262 61 3 latin1 3 3 3 3 7 true
S 6261616262616161 62 4 latin1 4 4 4 4 4 true
S - 61 6 utf16le -1 -1 0 0 -1 false
S 626262 626262 -3 latin1 0 0 0 0 0 true
S 6162 61 7 latin1 -1 0 -1 0 0 false
S 61616162626161 6162 6 latin1 -1 2 -1 2 2 false
S 616262616161626161626162 - -9 utf16le 3 3 3 3 12 true
S - 616262 11 utf16le -1 -1 -1 -1 -1 false
S 626261616261 6161 -12 utf16le 2 -1 2 -1 2 true
S - 6262 3 utf16le -1 -1 -1 -1 -1 false
S 616161616161 62 5 latin1 -1 -1 -1 -1 -1 false
S 62616161626261 61 4 latin1 6 3 6 3 6 true
S 626162626261616162616261 616262 2 latin1 -1 1 -1 1 1 false
S 616162626261626162 61 -5 latin1 5 1 5 1 7 true
S 62626161 62 4 latin1 -1 1 -1 1 1 false
S 616262626161616162 6261 -12 latin1 3 -1 3 -1 3 true
S - - 10 latin1 0 0 0 0 0 true
S 6261 62 8 latin1 -1 0 -1 0 0 false
S 61616261626162616262616262 626161 -9 latin1 -1 -1 -1 -1 -1 false
S - - -7 latin1 0 0 0 0 0 true
S 6262 616262 -9 latin1 -1 -1 -1 -1 -1 false
S - 616161 8 latin1 -1 -1 -1 -1 -1 false
S 626161 - -11 latin1 0 0 0 0 3 true
S 626161 61 0 latin1 1 -1 1 -1 2 true
S 616262626262616162616261 6261 8 latin1 8 8 8 8 10 true
S 616162626261 6261 6 utf16le -1 4 -1 4 4 false
S 6261616162 626161 7 latin1 -1 0 -1 0 0 false
S - 62 -4 latin1 -1 -1 -1 -1 -1 false
S 6161616262 61 -2 latin1 -1 2 -1 2 2 false
S 6161626261 - 8 latin1 5 5 5 5 5 true
S 62626262626161626261 626161 9 latin1 -1 4 -1 4 4 false
S 62626261626262 - -2 latin1 5 5 5 5 7 true
S 6261616261626162 616261 -7 utf16le 2 -1 2 -1 4 true
S 6162 6262 -3 latin1 -1 -1 -1 -1 -1 false
S 61616262 6162 -12 latin1 1 -1 1 -1 1 true
S 62 61 -5 latin1 -1 -1 -1 -1 -1 false
S 626162626161616261 616261 8 latin1 -1 6 -1 6 6 false
S 6162 62 -8 latin1 1 -1 1 -1 1 true
S 62 6261 9 latin1 -1 -1 -1 -1 -1 false
S 62 626162 -7 latin1 -1 -1 -1 -1 -1 false
S 6162626261626262626261 62 -12 latin1 1 -1 1 -1 9 true
S 61626162616261 6162 -6 latin1 2 0 2 0 4 true
S 62616262616161616161 616262 4 utf16le -1 -1 -1 -1 1 false
S 626161616161 626162 -9 latin1 -1 -1 -1 -1 -1 false
S 62626262626261 61 9 latin1 -1 6 -1 6 6 false
S 6161626162 - 1 latin1 1 1 1 1 5 true
S 6261626262616161 - -9 utf16le 0 0 0 0 8 true
S 626261616162 62 9 utf16le -1 -1 6 6 5 false
S 61616261616161616161 61 -1 utf16le -1 -1 9 9 9 true
S 6161626262 - 10 latin1 5 5 5 5 5 true
S 616262616161616161616162 6162 -10 latin1 10 0 10 0 10 true
S 6261616162616161 626161 -3 latin1 -1 4 -1 4 4 false
S 6162626162626261 626161 5 latin1 -1 -1 -1 -1 -1 false
S 62 - 2 latin1 1 1 1 1 1 true
S 626262616262626261 6261 -10 latin1 2 -1 2 -1 7 true
S 6261616262 626261 3 latin1 -1 -1 -1 -1 -1 false
S - - -3 latin1 0 0 0 0 0 true
S - 6161 7 latin1 -1 -1 -1 -1 -1 false
S 616161616261626162 626162 9 latin1 -1 6 -1 6 6 false
S 616161 6262 3 latin1 -1 -1 -1 -1 -1 false
S - - 2 utf16le 0 0 0 0 0 true
S 6162626261626261 - -2 latin1 6 6 6 6 8 true
S 626261626261616162616261 6161 -12 latin1 5 -1 5 -1 6 true
S 62626262616162616261 626161 -4 latin1 -1 3 -1 3 3 false
S 626262616261626262626162 626161 -8 latin1 -1 -1 -1 -1 -1 false
S 626161626162616261626262 626161 7 utf16le -1 0 -1 0 0 false
]]

test("from, byteLength and write do with any text what Node does", function(t)
  for line in encoded:gmatch "[^\n]+" do
    local f = fields(line)
    local text, target = tostring(bytes(f[3])), Buffer.alloc(10, 0xee)
    local n = target:write(text, tonumber(f[6]), tonumber(f[7]), f[2])
    t:equal(table.concat({ "E", f[2], f[3], hex(Buffer.from(text, f[2])), Buffer.byteLength(text, f[2]), f[6], f[7], n, hex(target) }, " "), line)
  end
end)

test("toString decodes any bytes as Node does, and isUtf8 and isAscii agree", function(t)
  for line in decoded:gmatch "[^\n]+" do
    local f = fields(line)
    local b = bytes(f[3])
    t:equal(table.concat({ "D", f[2], f[3], hex(Buffer.from(b:toString(f[2]), "utf16le")), tostring(buffer.isUtf8(b)), tostring(buffer.isAscii(b)) }, " "), line)
  end
end)

test("indexOf, lastIndexOf and includes find what Node finds, from any offset", function(t)
  for line in searched:gmatch "[^\n]+" do
    local f = fields(line)
    local h, n, from, e = bytes(f[2]), bytes(f[3]), tonumber(f[4]), f[5]
    t:equal(table.concat({ "S", f[2], f[3], f[4], e, h:indexOf(n, from, e), h:lastIndexOf(n, from, e), h:indexOf(n:toString(e), from, e),
      h:lastIndexOf(n:toString(e), from, e), h:lastIndexOf(n), tostring(h:includes(n, from)) }, " "), line)
  end
end)

test("ranges, wrong encodings and wrong values", function(t)
  outcomes(t, {
    { function() return z:toString("nope") end, "raises TypeError ERR_UNKNOWN_ENCODING Unknown encoding: nope" },
    { function() return Buffer.from("abc"):toString("utf8",-5,2) end, "ab" },
    { function() return Buffer.from("abc"):toString("utf8",2,1) end, "" },
    { function() return Buffer.from("abc"):toString(nil,1) end, "bc" },
    { function() return z:write("a",9) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be >= 0 && <= 8. Received 9' },
    { function() return z:write("a",0,9) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "length" is out of range. It must be >= 0 && <= 8. Received 9' },
    { function() return z:write(5) end, "raises TypeError ERR_INVALID_ARG_TYPE argument must be a string" },
    { function() return z:write("a",0,1,"nope") end, "raises TypeError ERR_UNKNOWN_ENCODING Unknown encoding: nope" },
    { function() return z:write("abc","latin1") end, "3" },
    { function() return z:write("a",1.5) end, 'raises RangeError ERR_OUT_OF_RANGE The value of "offset" is out of range. It must be an integer. Received 1.5' },
    { function() return Buffer.byteLength(5) end, 'raises TypeError ERR_INVALID_ARG_TYPE The "string" argument must be of type string or an instance of Buffer or ArrayBuffer. Received type number (5)' },
    { function() return Buffer.byteLength("é","nope") end, "2" },
  })
end)

test("transcode, atob, btoa", function(t)
  outcomes(t, {
    { function() return buffer.transcode(Buffer.from("€é"),"utf8","latin1") end, "3fe9" },
    { function() return buffer.transcode(Buffer.from("€é"),"utf8","ascii") end, "3f3f" },
    { function() return buffer.transcode(Buffer.from("€"),"utf8","utf16le") end, "ac20" },
    { function() return buffer.transcode("x","utf8","latin1") end, [==[raises TypeError ERR_INVALID_ARG_TYPE The "source" argument must be an instance of Buffer or Uint8Array. Received type string ('x')]==] },
    { function() return buffer.transcode(Buffer.from("a"),"hex","latin1") end, "raises Error U_ILLEGAL_ARGUMENT_ERROR Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]" },
    { function() return buffer.atob(" YQ = =") end, "a" },
    { function() return buffer.atob("a") end, "raises InvalidCharacterError 5 The string to be decoded is not correctly encoded." },
    { function() return buffer.atob("YQ=") end, "raises InvalidCharacterError 5 Invalid character" },
    { function() return buffer.atob("Y*==") end, "raises InvalidCharacterError 5 Invalid character" },
    { function() return buffer.btoa("é") end, "6Q==" },
    { function() return buffer.btoa("€") end, "raises InvalidCharacterError 5 Invalid character" },
    { function() return buffer.atob() end, 'raises TypeError ERR_MISSING_ARGS The "input" argument must be specified' },
  })
end)

test("garbage decodes in every encoding, of every length, without harm", function(t)
  math.randomseed(7)
  for _, e in ipairs { "utf8", "utf16le", "latin1", "ascii", "base64", "base64url", "hex", "ucs2", "binary" } do
    for n = 0, 40 do
      local b = Buffer.alloc(n)
      for i = 1, n do b[i] = math.random(0, 255) end
      local text = b:toString(e)
      t:equal(Buffer.from(text, e):toString(e), text, e) -- once decoded, text is stable
      if e ~= "utf8" and e ~= "ascii" and e ~= "utf16le" and e ~= "ucs2" then t:ok(Buffer.from(text, e):equals(b), e) end
      local raw = tostring(b) -- text that is no UTF-8
      Buffer.from(raw, e)
      Buffer.byteLength(raw, e)
      Buffer.alloc(7):write(raw, 1, 5, e)
    end
  end
end)

test("a Lua string's bytes are kept, valid UTF-8 or not; decoding replaces once for each maximal part", function(t)
  for _, raw in ipairs { "\xe2\x82", "a\xffb\xc0\xaf", "\237\160\189", "\0\255" } do
    t:equal(tostring(Buffer.from(raw)), raw)
    t:equal(Buffer.byteLength(raw), #raw)
  end
  t:equal(Buffer.from("\xe2\x82"):toString(), "\239\191\189")
  t:equal(Buffer.from("a\xffb\xc0\xaf"):toString(), "a\239\191\189b\239\191\189\239\191\189")
  local b = Buffer.alloc(4, ".")
  t:equal(b:write("a€€"), 4)
  t:equal(b:write("ab€"), 2, "no character in part")
  t:equal(b:write("\x80\x80\x80\x80\x80\x80"), 4, "what is no text is cut anywhere")
end)

test("the text methods of each encoding", function(t)
  local b = Buffer.alloc(4)
  t:equal(b:latin1Write("é", 1), 1) t:equal(b[2], 0xe9)
  t:equal(b:hexWrite "0102", 2) t:equal(b:hexSlice(0, 2), "0102")
  t:equal(b:utf8Write("€", 1), 3) t:equal(b:utf8Slice(1, 4), "€")
  t:equal(b:base64Slice(0, 3), b:toString("base64", 0, 3))
  t:equal(b:ucs2Write "ab", 4) t:equal(b:ucs2Slice(), "ab")
  t:equal(b:asciiSlice(0, 1), "a") t:equal(b:base64urlWrite "-_-_", 3)
end)
