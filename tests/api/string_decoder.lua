-- SPDX-License-Identifier: MIT
-- StringDecoder. Lines recorded from Node 20: encoding, chunks, then for each write and the end text (as UTF-16):lastNeed:lastTotal.
local test = require "../support/test"
local StringDecoder = require("string_decoder").StringDecoder
local Buffer = require("buffer").Buffer

local recorded = [[
utf8 f0fff8a0,edd890 fdfffdfffdfffdff:0:0,fdff1006:0:0,-:0:0
utf8 a0e2e2ffc000,-,7f41 fdfffdfffdfffdfffdff0000:0:0,-:0:0,7f004100:0:0,-:0:0
utf8 7f41d8ff80d8,- 7f004100fdfffdfffdff:1:2,-:1:2,fdff:0:0
utf8 3dc3c0bf,-,3df47f98edbf,f4e2a9 3d00fdfffdfffdff:0:0,-:0:0,3d00fdff7f00fdff:1:3,fdfffdfffdff:1:3,fdff:0:0
utf8 -,f0,bf41f480,- -:0:0,-:3:4,fdff4100:2:4,-:2:4,fdff:0:0
utf8 a9,c3,c3,-,7f fdff:0:0,-:1:2,fdff:1:2,-:1:2,fdff7f00:0:0,-:0:0
utf8 e23df08280 fdff3d00:1:4,fdfffdfffdff:0:0
utf8 9098ff00,0080de fdfffdfffdff0000:0:0,0000fdff:1:2,fdff:0:0
utf8 ff,-,-,c0bf8200f8 fdff:0:0,-:0:0,-:0:0,fdfffdfffdff0000fdff:0:0,-:0:0
utf8 7f0090,-,9ff43d,419880 7f000000fdff:0:0,-:0:0,fdfffdff3d00:0:0,4100fdfffdff:0:0,-:0:0
utf8 de82bf00c0 8207fdff0000:1:2,fdff:0:0
utf8 acbf,- fdfffdff:0:0,-:0:0,-:0:0
utf8 9fc0,9fbfffa0f0,bfff3d fdff:1:2,fdfffdfffdfffdfffdff:3:4,fdfffdff3d00:0:0,-:0:0
utf8 a9417f,9fffff fdff41007f00:0:0,fdfffdfffdff:0:0,-:0:0
utf8 -,-,ff908041,ffacf0fff880,- -:0:0,-:0:0,fdfffdfffdff4100:0:0,fdfffdfffdfffdfffdfffdff:0:0,-:0:0,-:0:0
utf8 90 fdff:0:0,-:0:0
utf8 8082f441,987f41e2,-,e2d8e2a9,c090a9 fdfffdfffdff4100:0:0,fdff7f004100:2:3,-:2:3,fdfffdfffdff:1:3,fdfffdfffdfffdff:0:0,-:0:0
utf8 f0,f0f4,- -:3:4,fdfffdff:3:4,-:3:4,fdff:0:0
utf8 edf0de98f0,ff fdfffdff9807:3:4,fdfffdff:0:0,-:0:0
utf8 -,9090f0 -:0:0,fdfffdff:3:4,fdff:0:0
utf8 acf8a09098c0 fdfffdfffdfffdfffdff:1:2,fdff:0:0
utf8 3d41,bfa09f80ed41 3d004100:0:0,fdfffdfffdfffdfffdff4100:0:0,-:0:0
utf8 a9c0,aca0ff00,80d8f8bfa9c0,a098987f fdff:1:2,fdfffdfffdfffdff0000:0:0,fdfffdfffdfffdfffdff:1:2,fdfffdfffdfffdff7f00:0:0,-:0:0
utf8 e2d8,f8ff98a0a9,90f83dde80,-,- fdff:1:2,fdfffdfffdfffdfffdfffdff:0:0,fdfffdff3d008007:0:0,-:0:0,-:0:0,-:0:0
utf8 8041f4ed,90,bfff00acf4,bf fdff4100fdff:2:3,-:1:3,3fd4fdff0000fdff:3:4,-:2:4,fdfffdff:0:0
utf8 7f82acd8f03d,f0ed00f4f0,80ac7fbf98,c0f83d,f4d8d8 7f00fdfffdfffdfffdff3d00:0:0,fdfffdff0000fdff:3:4,fdfffdfffdff7f00fdfffdff:0:0,fdfffdff3d00:0:0,fdfffdff:1:2,fdff:0:0
utf8 823d,c3 fdff3d00:0:0,-:1:2,fdff:0:0
utf8 808200,- fdfffdff0000:0:0,-:0:0,-:0:0
utf8 -,803dac8241,-,a0a0a941f890 -:0:0,fdff3d00fdfffdff4100:0:0,-:0:0,fdfffdfffdff4100fdfffdff:0:0,-:0:0
utf8 9f80ff0000,e29f9041f8,8080bf,edc3f4f8,82c3a9d8 fdfffdfffdff00000000:0:0,d0274100fdff:0:0,fdfffdfffdff:0:0,fdfffdfffdfffdff:0:0,fdffe900:1:2,fdff:0:0
utf8 80a041 fdfffdff4100:0:0,-:0:0
utf8 7f80bfd8f4a9 7f00fdfffdfffdff:2:4,fdfffdff:0:0
utf8 7fc03d90ff,f800f0a0,-,a0c0a0d8f8e2 7f00fdff3d00fdfffdff:0:0,fdff0000:2:4,-:2:4,fdfffdfffdfffdfffdff:2:3,fdff:0:0
utf8 c341f490c3,9fde00c380d8,f490edc0bff8 fdff4100fdfffdff:1:2,df00fdff0000c000:1:2,fdfffdfffdfffdfffdfffdfffdff:0:0,-:0:0
utf8 7f803dbfc3a9,-,ac9fde,edc0a9c3ac3d 7f00fdff3d00fdffe900:0:0,-:0:0,fdfffdff:1:2,fdfffdfffdfffdffec003d00:0:0,-:0:0
utf8 ff,ac9f4100f0,-,-,bf9f fdff:0:0,fdfffdff41000000:3:4,-:3:4,-:3:4,-:1:4,fdff:0:0
utf8 -,ffff,c0f4,ac803dff98c3,3d -:0:0,fdfffdff:0:0,fdff:3:4,fdfffdfffdff3d00fdfffdff:1:2,fdff3d00:0:0,-:0:0
utf8 -,a9f8 -:0:0,fdfffdff:0:0,-:0:0
utf8 80e2d880,-,a098ac9898 fdfffdff0006:0:0,-:0:0,fdfffdfffdfffdfffdff:0:0,-:0:0
utf8 903d809098,- fdff3d00fdfffdfffdff:0:0,-:0:0,-:0:0
utf8 bff47f9f fdfffdff7f00fdff:0:0,-:0:0
utf8 7fbf82e2f4e2,8290,-,3d9f7fc0 7f00fdfffdfffdfffdff:2:3,9020:0:0,-:0:0,3d00fdff7f00:1:2,fdff:0:0
utf8 7fe280f0f4,dea0a98280,f44182de8082,-,- 7f00fdfffdff:3:4,fdffa007fdfffdfffdff:0:0,fdff4100fdff8007fdff:0:0,-:0:0,-:0:0,-:0:0
utf8 9080f8,f8f8c0 fdfffdfffdff:0:0,fdfffdff:1:2,fdff:0:0
utf8 e2bfe29f9ff0 fdffdf27:3:4,fdff:0:0
utf8 9fa9,- fdfffdff:0:0,-:0:0,-:0:0
utf8 ff807ff0,9880c3909f,d8 fdfffdff7f00:3:4,fdffd000fdff:0:0,-:1:2,fdff:0:0
utf8 e2,ed98f4ac00 -:2:3,fdfffdfffdfffdff0000:0:0,-:0:0
utf8 0080ac00a9de,-,eda9,ff 0000fdfffdff0000fdff:1:2,-:1:2,fdff:1:3,fdfffdfffdff:0:0,-:0:0
utf8 90a93d,3d9f,-,a9 fdfffdff3d00:0:0,3d00fdff:0:0,-:0:0,fdff:0:0,-:0:0
utf8 d83d419fed,90,e2 fdff3d004100fdff:2:3,-:1:3,fdff:2:3,fdff:0:0
utf8 c0,807fbff4,ac -:1:2,fdfffdff7f00fdff:3:4,-:2:4,fdfffdff:0:0
utf8 e2ed41a098,907f98,4198c3a9c0,98989882ff,9fed00a082 fdfffdff4100fdfffdff:0:0,fdff7f00fdff:0:0,4100fdffe900:1:2,fdfffdfffdfffdfffdfffdff:0:0,fdfffdff0000fdfffdff:0:0,-:0:0
utf8 41f47fc3d8,989f,3d90a0f4,a9ed,a07fdeff 4100fdff7f00fdff:1:2,1806fdff:0:0,3d00fdfffdff:3:4,fdfffdff:2:3,fdfffdff7f00fdfffdff:0:0,-:0:0
utf8 ffa0ed fdfffdff:2:3,fdff:0:0
utf8 e2c0,acc380ac9f41,-,f4a0 fdff:1:2,fdfffdffc000fdfffdff4100:0:0,-:0:0,-:2:4,fdfffdff:0:0
utf8 3dbfa08280,-,f0 3d00fdfffdfffdfffdff:0:0,-:0:0,-:3:4,fdff:0:0
utf8 00f041,bfe2a9,- 0000fdff4100:0:0,fdff:1:3,-:1:3,fdff:0:0
utf8 7f,c3a0c3ed,edac 7f00:0:0,e000fdff:2:3,fdff:1:3,fdfffdff:0:0
utf8 edbf98007f90,80908200,-,d8bfc0bfde,7fac80f890 fdfffdfffdff00007f00fdff:0:0,fdfffdfffdff0000:0:0,-:0:0,3f06fdfffdff:1:2,fdff7f00fdfffdfffdfffdff:0:0,-:0:0
utf16le 7f,a0,f4ed7f903d,-,- -:1:2,7fa0:0:0,f4ed7f90:1:2,-:1:2,-:1:2,-:0:0
utf16le -,41bfde,-,8282bfffde -:0:0,41bf:1:2,-:1:2,de8282bfffde:0:0,-:0:0
utf16le dea980a990,c0,82bf90dec0,9090803df8e2,809f dea980a9:1:2,90c0:0:0,82bf90de:1:2,c09090803df8:1:2,e280:1:2,-:0:0
utf16le 80bfde3d,9ffff0c3f8de 80bfde3d:0:0,9ffff0c3f8de:0:0,-:0:0
utf16le a9bf7fedc3ed,-,bf,ff82 a9bf7fedc3ed:0:0,-:0:0,-:1:2,bfff:1:2,-:0:0
utf16le f0,f8,80 -:1:2,f0f8:0:0,-:1:2,-:0:0
utf16le ed9f,ac,c3989f90f482,f8acf4f8,90ff ed9f:0:0,-:1:2,acc3989f90f4:1:2,82f8acf4:1:2,f890:1:2,-:0:0
utf16le f8,c03d80a9,82,a9a0a9,f09800e2ff -:1:2,f8c03d80:1:2,a982:0:0,a9a0:1:2,a9f09800e2ff:0:0,-:0:0
utf16le bfa0ff90a982 bfa0ff90a982:0:0,-:0:0
utf16le ed9f989fd8a0,00edaca9c0,a9de41c080c3,82 ed9f989fd8a0:0:0,00edaca9:1:2,c0a9de41c080:1:2,c382:0:0,-:0:0
utf16le fff8de,-,bfc3,bfa9ded8c0 fff8:1:2,-:1:2,debf:1:2,c3bfa9ded8c0:0:0,-:0:0
utf16le 82bfc3bf,80a0f4ed00,82bf,8080f0ac 82bfc3bf:0:0,80a0f4ed:1:2,0082:1:2,bf8080f0:1:2,-:0:0
utf16le 98edf8f882,ac829000,90,829f90f0ed,bf4180 98edf8f8:1:2,82ac8290:1:2,0090:0:0,829f90f0:1:2,edbf4180:0:0,-:0:0
utf16le 907ff8f8c3,4141,- 907ff8f8:1:2,c341:1:2,-:1:2,-:0:0
utf16le c3f8c0,ace2edc0,-,c098c3fff890,- c3f8:1:2,c0ace2ed:1:2,-:1:2,c0c098c3fff8:1:2,-:1:2,-:0:0
utf16le 7f98909f 7f98909f:0:0,-:0:0
utf16le a9,3de282,- -:1:2,a93de282:0:0,-:0:0,-:0:0
utf16le 9fc3c341,debf80,41f4,41acc3f4 9fc3c341:0:0,debf:1:2,8041:1:2,f441acc3:1:2,-:0:0
utf16le fff4c0 fff4:1:2,-:0:0
utf16le 9f823d9fd8,ffbf4141a0c3 9f823d9f:1:2,d8ffbf4141a0:1:2,-:0:0
utf16le 9f3d7fc0bf,bfe2c3,f4f4f8f4f0,98acffc0ed9f 9f3d7fc0:1:2,bfbfe2c3:0:0,f4f4f8f4:1:2,f098acffc0ed:1:2,-:0:0
utf16le f8ac9fc0f082,de7f,ded8 f8ac9fc0f082:0:0,de7f:0:0,-:2:4,ded8:0:0
utf16le 98dea9ede2de,- 98dea9ede2de:0:0,-:0:0,-:0:0
utf16le 7fc0f8,98a9a0f0,f898f0,98c0,d800c3 7fc0:1:2,f898a9a0:1:2,f0f898f0:0:0,98c0:0:0,d800:1:2,-:0:0
utf16le 41,c080,82f4 -:1:2,41c0:1:2,8082:1:2,-:0:0
utf16le aca9,- aca9:0:0,-:0:0,-:0:0
utf16le e241a9c07f,82a98280a9 e241a9c0:1:2,7f82a98280a9:0:0,-:0:0
utf16le 989f7f,f4c3,f0e2a9c380f4,- 989f:1:2,7ff4:1:2,c3f0e2a9c380:1:2,-:1:2,-:0:0
utf16le 3da97fed3d41,a0,-,c0,80a0d88041ff 3da97fed3d41:0:0,-:1:2,-:1:2,a0c0:0:0,80a0d88041ff:0:0,-:0:0
utf16le 9f3dc090e2,fff49f98 9f3dc090:1:2,e2fff49f:1:2,-:0:0
utf16le 41f880c0c3de,deed,82ac807f,deacedf8d841 41f880c0c3de:0:0,deed:0:0,82ac807f:0:0,deacedf8d841:0:0,-:0:0
utf16le a97ff498,- a97ff498:0:0,-:0:0,-:0:0
utf16le f03d9f,a9,c3c080bf9fc0 f03d:1:2,9fa9:0:0,c3c080bf9fc0:0:0,-:0:0
utf16le 00f4,ed 00f4:0:0,-:1:2,-:0:0
utf16le 3d41def0,a9,f041e2f0a0,c3,ff00bfa0 3d41def0:0:0,-:1:2,a9f041e2f0a0:0:0,-:1:2,c3ff00bf:1:2,-:0:0
utf16le -,7fde,-,fff8d8,- -:0:0,7fde:0:0,-:0:0,fff8:1:2,-:1:2,-:0:0
utf16le a9f03dedd8,7f98,ff90d8ac003d a9f03ded:1:2,d87f:1:2,98ff90d8ac00:1:2,-:0:0
utf16le ffe2ed,d8eded7fc3 ffe2:1:2,edd8eded7fc3:0:0,-:0:0
utf16le -,41ac41f8 -:0:0,41ac41f8:0:0,-:0:0
utf16le f880e29fc3a9,90,98c0,ff f880e29fc3a9:0:0,-:1:2,9098:1:2,c0ff:0:0,-:0:0
utf16le c3d8c03d c3d8c03d:0:0,-:0:0
utf16le de,803d0080,-,d87f82de9880 -:1:2,de803d00:1:2,-:1:2,80d87f82de98:1:2,-:0:0
utf16le -,00 -:0:0,-:1:2,-:0:0
utf16le edde,9841a0f8,c3ed,- edde:0:0,9841a0f8:0:0,c3ed:0:0,-:0:0,-:0:0
utf16le e2ed3d,e2ff,-,80808241 e2ed:1:2,3de2:1:2,-:1:2,ff808082:1:2,-:0:0
utf16le d8ff,-,0098,7f d8ff:0:0,-:0:0,0098:0:0,-:1:2,-:0:0
utf16le -,7fac -:0:0,7fac:0:0,-:0:0
utf16le f0c3deed,-,-,def84190 f0c3deed:0:0,-:0:0,-:0:0,def84190:0:0,-:0:0
utf16le -,d8de8098,d8,ed,ff90bf -:0:0,d8de8098:0:0,-:1:2,d8ed:0:0,ff90:1:2,-:0:0
utf16le 80bf9fc0c3 80bf9fc0:1:2,-:0:0
hex 80c08041d8c0 380030006300300038003000340031006400380063003000:0:0,-:0:0
base64url a0bfa9e2c0,a0f4bf,ac9fac90c3c0 6f004c002d007000:1:3,3400730043006700:1:3,39004c002d0073006e00360079005100:1:3,770038004100:0:0
ascii 90f4413d,90c341 1000740041003d00:0:0,100043004100:0:0,-:0:0
hex 80bfde3d,9ffff0c3f8de 38003000620066006400650033006400:0:0,390066006600660066003000630033006600380064006500:0:0,-:0:0
base64 e2ed41a098,907f98,4198c3a9c0,98989882ff,9fed00a082 3400750031004200:1:3,6f004a0069005100:1:3,66003500680042006d004d004f007000:2:3,77004a00690059006d0049004c002f00:0:0,6e002b0030004100:1:3,6f00490049003d00:0:0
latin1 9880de 98008000de00:0:0,-:0:0
latin1 - -:0:0,-:0:0
base64url e298f87f82,-,9ff4ac,-,- 340070006a003400:1:3,-:1:3,660034004b006600:1:3,-:1:3,-:1:3,39004b007700:0:0
base64url 3dbfa08280,-,f0 500062002d006700:1:3,-:1:3,67006f0044007700:0:0,-:0:0
latin1 98d8a9c39841,-,c0,9098,c3 9800d800a900c30098004100:0:0,-:0:0,c000:0:0,90009800:0:0,c300:0:0,-:0:0
base64 c0,807fbff4,ac -:2:3,7700490042002f00:1:3,76002f0053007300:0:0,-:0:0
latin1 f8,d8bff0e2f8,c0f4,-,80e2a0d8a9 f800:0:0,d800bf00f000e200f800:0:0,c000f400:0:0,-:0:0,8000e200a000d800a900:0:0,-:0:0
hex 41ac,98827fbf,80bfacc0,-,003deda9 3400310061006300:0:0,39003800380032003700660062006600:0:0,38003000620066006100630063003000:0:0,-:0:0,30003000330064006500640061003900:0:0,-:0:0
ascii d8 5800:0:0,-:0:0
base64url 829898c3,-,80,-,f8f882acd8d8 6700700069005900:2:3,-:2:3,-:1:3,-:1:3,77003400440034002d0049004b007300:1:3,32004e006700:0:0
base64 f8f090 2b00500043005100:0:0,-:0:0
ascii 7ff098de41ac,a9bf90c080e2,ededa998d8 7f00700018005e0041002c00:0:0,29003f001000400000006200:0:0,6d006d00290018005800:0:0,-:0:0
base64url -,41ac41f8 -:0:0,5100610078004200:2:3,2d004100:0:0
ascii 9fc382f098de,ffd8 1f0043000200700018005e00:0:0,7f005800:0:0,-:0:0
hex aca9,- 6100630061003900:0:0,-:0:0,-:0:0
hex -,dea0,bfa0a9d8009f,7facf0ff -:0:0,6400650061003000:0:0,620066006100300061003900640038003000300039006600:0:0,37006600610063006600300066006600:0:0,-:0:0
base64 -,-,a990ac80 -:0:0,-:0:0,71005a0043007300:2:3,670041003d003d00:0:0
hex 9fac,- 3900660061006300:0:0,-:0:0,-:0:0
ascii bfd8a0bf9fd8,98c37f90,c0ff7ff84180 3f00580020003f001f005800:0:0,180043007f001000:0:0,40007f007f00780041000000:0:0,-:0:0
hex -,41f88082d898,a0c080f0bfd8,00f4908241de -:0:0,340031006600380038003000380032006400380039003800:0:0,610030006300300038003000660030006200660064003800:0:0,300030006600340039003000380032003400310064006500:0:0,-:0:0
base64 98e2c3acf03d,edd8d8e2 6d004f004c0044007200500041003900:0:0,370064006a005900:2:3,340067003d003d00:0:0
base64 c39898c0 7700350069005900:2:3,770041003d003d00:0:0
ascii -,-,a082bfa0ed -:0:0,-:0:0,200002003f0020006d00:0:0,-:0:0
base64url -,a9f8 -:0:0,-:1:3,710066006700:0:0
ascii 90c041ac 1000400041002c00:0:0,-:0:0
base64url a93d98d89fac,bf 710054003200590032004a002d007300:0:0,-:2:3,76007700:0:0
hex f4e2,eda0f0,983d9f9082,e29f7f0041de,a0de00 6600340065003200:0:0,650064006100300066003000:0:0,3900380033006400390066003900300038003200:0:0,650032003900660037006600300030003400310064006500:0:0,610030006400650030003000:0:0,-:0:0
hex d8bf7f3d98d8,f8a0 640038006200660037006600330064003900380064003800:0:0,6600380061003000:0:0,-:0:0
hex a9ed7fbf903d,acc0,-,-,80 610039006500640037006600620066003900300033006400:0:0,6100630063003000:0:0,-:0:0,-:0:0,38003000:0:0,-:0:0
hex a09fa9 610030003900660061003900:0:0,-:0:0
base64url 8098ff,80bfc0a941,ffbfd8ed,ff 67004a006a005f00:0:0,67004c005f004100:1:3,7100550048005f00760039006a007400:0:0,-:2:3,5f007700:0:0
base64url d8,a0,98803d90f8 -:2:3,-:1:3,32004b00430059006700440032005100:2:3,2d004100:0:0
hex -,- -:0:0,-:0:0,-:0:0
base64url 98c3c0ff,82c0989fc33d,f0f8c0a990,80de829f 6d004d0050004100:2:3,5f0034004c0041006d004a005f004400:2:3,500066004400340077004b006d005100:0:0,67004e0036004300:2:3,6e007700:0:0
latin1 f482f4 f4008200f400:0:0,-:0:0
]]

local function bytes(hex) return Buffer.from(hex == "-" and "" or hex, "hex") end

test("every piece gives what Node's decoder gives, and leaves the same bytes open", function(t)
  for line in recorded:gmatch "[^\n]+" do
    local encoding, chunks = line:match "^(%S+) (%S+)"
    local decoder, got = StringDecoder(encoding), {}
    local function note(text)
      local hex = Buffer.from(text, "utf16le"):toString "hex"
      got[#got + 1] = ("%s:%d:%d"):format(hex == "" and "-" or hex, decoder.lastNeed, decoder.lastTotal)
    end
    for chunk in chunks:gmatch "[^,]+" do note(decoder:write(bytes(chunk))) end
    note(decoder:finish())
    local want = line:match "%S+ %S+ (%S+)"
    got = table.concat(got, ",")
    if encoding == "utf16le" then -- the same text; pairs are never cut here
      got, want = got:gsub(":%d:%d", ""):gsub("[,%-]", ""), want:gsub(":%d:%d", ""):gsub("[,%-]", "")
    end
    t:equal(got, want, line)
  end
end)

test("text split at every byte, and into single bytes, comes out whole", function(t)
  for _, encoding in ipairs { "utf8", "utf16le", "base64", "base64url", "hex", "latin1" } do
    local text = (encoding == "utf8" or encoding == "utf16le") and "aé€😀z€" or encoding == "latin1" and "aéÿ" or nil
    local data = text and Buffer.from(text, encoding) or Buffer.from { 97, 98, 0, 255, 254, 3, 128 }
    local want = data:toString(encoding)
    for cut = 0, #data do
      local d = StringDecoder(encoding)
      local got = d:write(data:subarray(0, cut)) .. d:write(data:subarray(cut)) .. d["end"](d)
      t:equal(got, want, encoding .. " cut at " .. cut)
    end
    local d, got = StringDecoder(encoding), ""
    for i = 0, #data - 1 do got = got .. d:write(data:subarray(i, i + 1)) end
    t:equal(got .. d:finish(), want, encoding .. " byte by byte")
  end
end)

test("a surrogate pair is never cut, however its bytes arrive", function(t)
  local d = StringDecoder "utf16le"
  t:equal(d:write(Buffer.from { 0x3d }), "")
  t:equal(d:write(Buffer.from { 0xd8 }), "")
  t:equal(d.lastNeed, 2) t:equal(d.lastTotal, 4)
  t:equal(d:write(Buffer.from { 0x00 }), "")
  t:equal(d:write(Buffer.from { 0xde, 0x41 }), "😀")
  t:equal(d:finish(Buffer.from { 0 }), "A")
end)

test("finish writes its argument first and starts afresh", function(t)
  local d = StringDecoder "utf8"
  d:write(Buffer.from { 0xe2, 0x82 })
  t:equal(d.lastChar:toString("hex", 0, 2), "e282")
  t:equal(d:finish(Buffer.from { 0xac, 0xe2 }), "€\239\191\189")
  t:equal(d:write(Buffer.from "x"), "x") t:equal(d:finish(), "") t:equal(d.lastNeed, 0)
end)

test("text is handed through, encodings have their canonical names, wrong ones are refused", function(t)
  t:equal(StringDecoder("hex"):write "zz", "zz")
  t:equal(StringDecoder("UCS-2").encoding, "utf16le") t:equal(StringDecoder().encoding, "utf8") t:equal(StringDecoder("binary").encoding, "latin1")
  t:throws(function() StringDecoder "nope" end, { code = "ERR_UNKNOWN_ENCODING", message = "Unknown encoding: nope" })
  local e = t:throws(function() StringDecoder():write(5) end, "ERR_INVALID_ARG_TYPE")
  t:equal(e.message, 'The "buf" argument must be an instance of Buffer, TypedArray, or DataView. Received type number (5)')
  t:throws(function() StringDecoder():write(nil) end, "ERR_INVALID_ARG_TYPE")
end)
