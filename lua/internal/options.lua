-- SPDX-License-Identifier: MIT
--
-- What the command line said; internal/cli.lua fills it in. As a library everything stays at its default.
--   execPath, argv0 (as typed), argv (process.argv), execArgv: sequences of strings · eval (the text of -e) · script (resolved path or nil)
--   noWarnings, traceWarnings, noDeprecation, traceDeprecation, throwDeprecation, pendingDeprecation, traceUncaught: boolean
--   unhandledRejections: "throw" "strict" "warn" "none" "warn-with-error-codes"
--   redirectWarnings: a file · exposeGC, abortOnUncaught: boolean
--   preserveSymlinks, preserveSymlinksMain, noRequireModule: boolean · conditions: those of -C, or nil
--   attemptTimeout: ms · maxHttpHeaderSize: bytes, insecureHTTPParser: boolean · embedded: whether the `lunode` command runs us
return { argv = {}, execArgv = {}, unhandledRejections = "throw", attemptTimeout = 250, maxHttpHeaderSize = 16384, insecureHTTPParser = false, embedded = false }
