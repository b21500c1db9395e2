-- SPDX-License-Identifier: MIT
--
-- The lengths of Node's functions where lua/ has other parameters: it counts what is optional, or takes any number.
--
--   rt.give_lengths(view, name)   to what there is of a module; what is still to be loaded is left alone
--
-- Loaded when a program first asks a function of the library for its length.
local rt = ...
local L = rt.lua
local type, tonumber = L.type, L.tonumber
local match, gmatch = L.string.match, L.string.gmatch

-- MODULE[.PATH]: NAME/LENGTH …
local LENGTHS = [[
async_hooks: AsyncResource/1
buffer: Buffer/3
buffer.Buffer.prototype: asciiSlice/0 asciiWrite/0 base64Slice/0 base64Write/0 base64urlSlice/0 base64urlWrite/0 hexSlice/0 hexWrite/0 inspect/2
  latin1Slice/0 latin1Write/0 readDoubleBE/0 readDoubleLE/0 readFloatBE/0 readFloatLE/0 readInt16BE/0 readInt16LE/0 readInt32BE/0 readInt32LE/0
  readInt8/0 readUInt16BE/0 readUInt16LE/0 readUInt32BE/0 readUInt32LE/0 readUInt8/0 readUint16BE/0 readUint16LE/0 readUint32BE/0 readUint32LE/0
  readUint8/0 ucs2Slice/0 ucs2Write/0 utf8Slice/0 utf8Write/0 writeDoubleBE/1 writeDoubleLE/1 writeFloatBE/1 writeFloatLE/1 writeInt16BE/1
  writeInt16LE/1 writeInt32BE/1 writeInt32LE/1 writeInt8/1 writeUInt16BE/1 writeUInt16LE/1 writeUInt32BE/1 writeUInt32LE/1 writeUInt8/1
  writeUint16BE/1 writeUint16LE/1 writeUint32BE/1 writeUint32LE/1 writeUint8/1
child_process: exec/3 execFile/4 execFileSync/3 execSync/2 fork/1
cluster.Worker.prototype: kill/0
console: Console/1
console.Console.prototype: count/0 countReset/0 time/0 timeEnd/0 timeLog/0
crypto.Certificate.prototype: exportChallenge/2 exportPublicKey/2 verifySpkac/2
crypto: checkPrime/1 checkPrimeSync/1 generatePrimeSync/1 hash/2 randomFillSync/1 scrypt/4 scryptSync/3 timingSafeEqual/0
dgram.Socket.prototype: bind/2
diagnostics_channel.Channel.prototype: publish/0 unbindStore/0 unsubscribe/0
dns: Resolver/0 resolve/3 resolve4/2 resolve6/2 resolveAny/2 resolveCaa/2 resolveCname/2 resolveMx/2 resolveNaptr/2 resolveNs/2 resolvePtr/2
  resolveSoa/2 resolveSrv/2 resolveTxt/2 reverse/2 setServers/1
dns.Resolver.prototype: resolve4/2 resolve6/2 resolveAny/2 resolveCaa/2 resolveCname/2 resolveMx/2 resolveNaptr/2 resolveNs/2 resolvePtr/2
  resolveSoa/2 resolveSrv/2 resolveTxt/2
dns/promises: Resolver/0 resolve4/2 resolve6/2 resolveAny/2 resolveCaa/2 resolveCname/2 resolveMx/2 resolveNaptr/2 resolveNs/2 resolvePtr/2
  resolveSoa/2 resolveSrv/2 resolveTxt/2 reverse/2 setServers/1
dns/promises.Resolver.prototype: reverse/2
events: addAbortListener/2 init/1 on/2 once/2 setMaxListeners/0
fs: Dirent/3 Stats/14 access/3 accessSync/2 appendFile/4 appendFileSync/3 chmod/3 chmodSync/2 chown/4 chownSync/3 close/1 closeSync/1 copyFile/4
  copyFileSync/3 cp/4 cpSync/3 exists/2 existsSync/1 fchmod/3 fchmodSync/2 fchown/4 fchownSync/3 fdatasync/2 fdatasyncSync/1 fstat/1 fstatSync/1
  fsync/2 fsyncSync/1 ftruncate/1 ftruncateSync/1 futimes/4 futimesSync/3 lchown/4 lchownSync/3 link/3 linkSync/2 lstat/1 lstatSync/1 lutimes/4
  lutimesSync/3 mkdir/3 mkdirSync/2 mkdtemp/3 mkdtempSync/2 open/4 openAsBlob/1 openSync/3 readFile/3 readFileSync/2 readdir/3 readdirSync/2
  readlink/3 readlinkSync/2 readv/4 readvSync/3 realpath/3 realpathSync/2 rename/3 renameSync/2 rm/3 rmSync/2 rmdir/3 rmdirSync/2 stat/1 statSync/1
  statfs/1 statfsSync/1 symlink/4 symlinkSync/3 truncate/3 truncateSync/2 unlink/2 unlinkSync/1 utimes/4 utimesSync/3 writeFile/4 writeFileSync/3
  writev/4 writevSync/3
fs.realpath: native/3
fs.realpathSync: native/2
fs/promises: access/1 chmod/2 chown/3 copyFile/3 cp/3 lchmod/2 lchown/3 link/2 lstat/1 lutimes/3 mkdir/2 mkdtemp/2 open/3 opendir/3 readFile/2
  readdir/2 readlink/2 realpath/2 rename/2 rm/2 rmdir/2 stat/1 statfs/1 symlink/3 truncate/1 unlink/1 utimes/3 watch/1
http.Agent.prototype: createConnection/0 getName/0
http.Server.prototype: close/0
http: validateHeaderName/0 validateHeaderValue/0
perf_hooks.Performance.prototype: eventLoopUtilization/2 getEntriesByName/1 getEntriesByType/1 mark/1 markResourceTiming/5 measure/1
  setResourceTimingBufferSize/1 timerify/1
perf_hooks: PerformanceEntry/0 PerformanceMark/1 PerformanceMeasure/0 PerformanceObserverEntryList/0 createHistogram/0 monitorEventLoopDelay/0
perf_hooks.PerformanceObserver.prototype: observe/0
perf_hooks.PerformanceObserverEntryList.prototype: getEntriesByName/1 getEntriesByType/1
process: abort/0 availableMemory/0 constrainedMemory/0 cwd/0 dlopen/0 emitWarning/4 getActiveResourcesInfo/0 getegid/0 geteuid/0 getgid/0 getgroups/0
  getuid/0 hasUncaughtExceptionCaptureCallback/0 hrtime/1 initgroups/2 kill/2 loadEnvFile/0 reallyExit/0 resourceUsage/0 uptime/0
readline: emitKeypressEvents/1
readline/promises.Interface.prototype: question/1
readline/promises: Readline/1
readline/promises.Readline.prototype: cursorTo/1
repl: REPLServer/6 start/6 writer/1
stream.Duplex: fromWeb/2 toWeb/1
stream.Duplex.prototype: end/3
stream: Readable/1 Writable/1 addAbortSignal/2 duplexPair/1 finished/3
stream.Readable: ReadableState/3 fromWeb/2 toWeb/2
stream.Readable.prototype: compose/2 drop/1 every/1 filter/2 find/2 flatMap/2 forEach/2 map/2 reduce/3 removeAllListeners/1 some/1 take/1 toArray/1
stream.Stream: Readable/1 Writable/1 addAbortSignal/2 duplexPair/1 finished/3
stream.Writable: WritableState/3 fromWeb/2 toWeb/1
stream.Writable.prototype: end/3
timers: setImmediate/4 setInterval/5 setTimeout/5
timers/promises: setImmediate/1 setInterval/2 setTimeout/2
tty.WriteStream.prototype: getColorDepth/0
url.URL: canParse/1
url: URLSearchParams/0 fileURLToPath/1
url.URLSearchParams.prototype: append/2 delete/1 has/1 set/2
util: deprecate/4 inspect/2 isDate/0 isRegExp/0 styleText/2
util.types: isAnyArrayBuffer/0 isArgumentsObject/0 isArrayBuffer/0 isAsyncFunction/0 isBigIntObject/0 isBooleanObject/0 isBoxedPrimitive/0
  isDataView/0 isDate/0 isGeneratorFunction/0 isGeneratorObject/0 isMap/0 isMapIterator/0 isModuleNamespaceObject/0 isNativeError/0 isNumberObject/0
  isPromise/0 isProxy/0 isRegExp/0 isSet/0 isSetIterator/0 isSharedArrayBuffer/0 isStringObject/0 isSymbolObject/0 isWeakMap/0 isWeakSet/0
v8: Deserializer/1 getHeapSnapshot/1 queryObjects/1 setHeapSnapshotNearHeapLimit/1 writeHeapSnapshot/2
v8.promiseHooks: onAfter/1 onBefore/1 onInit/1 onSettled/1
v8.startupSnapshot: addDeserializeCallback/2 addSerializeCallback/2 setDeserializeMainFunction/2
zlib: crc32/1
]]

local of_module, current = {}, nil
for line in gmatch(LENGTHS, "[^\n]+") do
  local owner, list = match(line, "^(%S+): (.*)")
  if owner then
    local module = match(owner, "^[^.]+")
    of_module[module] = of_module[module] or {}
    current = { owner = owner, list = list }
    L.table.insert(of_module[module], current)
  else
    current.list = current.list .. line
  end
end

-- A property of an object or function that is there.
local function present(o, key)
  local d = (type(o) == "table" or type(o) == "function") and rt.get_own(o, key)
  if not d then return nil end
  if d.accessor then return d.late and not d.loads and d.get() or nil end
  return d.value
end

function rt.give_lengths(view, name)
  for _, entry in L.ipairs(of_module[name] or {}) do
    local o = view
    for key in gmatch(entry.owner, "%.([^.]+)") do o = present(o, key) end
    for key, length in gmatch(entry.list, "([%w_]+)/(%d+)") do
      local f = present(o, key)
      local info = type(f) == "function" and rt.finfo(f)
      if info and info.native then info.length = tonumber(length) end
    end
  end
end
