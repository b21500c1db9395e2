-- SPDX-License-Identifier: MIT
--
-- read_lines(stream) -> an Interface over it: for line in read_lines(stream):iter() do … end (filehandle.readLines).
return function(stream)
  return require "lunode.readline.interface" { input = stream, crlfDelay = math.huge }
end
