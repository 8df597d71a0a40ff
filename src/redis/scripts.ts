/**
 * The Lua scripts of the protocol. Each touches `KEYS[1]` alone (P3), so all of them run on any cluster.
 * First bytes: `L` lease, `W` write lease, `V` entry. A write lease is `W`, a flag (`.` clean, `!` tainted) and the
 * 16-byte generations of its writers. Tainted means that something was written or invalidated meanwhile: no put that
 * stands in it may store its value, however it ends.
 *
 * Sources: leases as in Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.2.1; compare-and-set
 * and compare-and-delete as in Redis' documentation of distributed locks.
 */
export interface ScriptSource {
  readonly lua: string;
  readonly numberOfKeys: 1;
}

const script = (lua: string): ScriptSource => ({ lua: lua.trim(), numberOfKeys: 1 });

/** Tells a write lease from a foreign string that also begins with `W`. */
const WRITE_LEASE = `
local function is_write_lease(v)
  return v and #v % 16 == 2 and string.find(v, '^W[.!][%w_-]+$') ~= nil
end`;
/** For scripts to which the rest of the value does not matter: it is fetched only where it begins like a write lease. */
const TAINT = `${WRITE_LEASE}
local function taint()
  if redis.call('GETRANGE', KEYS[1], 0, 0) ~= 'W' or not is_write_lease(redis.call('GET', KEYS[1])) then return false end
  redis.call('SETRANGE', KEYS[1], 1, '!')
  return true
end`;

/** ARGV: lease, ms. For servers before 7.0, which do not take `SET .. NX GET`. */
const claim = script(`
local v = redis.call('GET', KEYS[1])
if v then return v end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false`);

/** ARGV: lease, ms, prefix of the value to replace, its length or ''. */
const replace = script(`
local v = redis.call('GET', KEYS[1])
if v and (string.sub(v, 1, #ARGV[3]) ~= ARGV[3] or (ARGV[4] ~= '' and #v ~= tonumber(ARGV[4]))) then return v end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return false`);

/** ARGV: prefix of lease or entry, envelope, ms. */
const fill = script(`
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`);

/** ARGV: prefix. */
const confirm = script(`
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) == ARGV[1] then return 1 end
return 0`);

/** ARGV: lease. */
const release = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('UNLINK', KEYS[1]) end
return 0`);

/** ARGV: lease, ms. */
const renew = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0`);

const invalidate = script(`${TAINT}
if not taint() then redis.call('UNLINK', KEYS[1]) end
return 1`);

/** ARGV: envelope, ms. */
const set = script(`${TAINT}
if taint() then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`);

/** ARGV: token, ms. Returns the head of an entry, or nil where the write lease was placed. */
const beginPut = script(`${WRITE_LEASE}
local v = redis.call('GET', KEYS[1])
local head = v and #v > 18 and string.sub(v, 1, 18)
if head and string.find(head, '^V1[%w_-]+$') then return head end
if is_write_lease(v) then
  local ms = math.max(tonumber(ARGV[2]), redis.call('PTTL', KEYS[1]))
  redis.call('SET', KEYS[1], v .. ARGV[1], 'PX', ms)
else
  redis.call('SET', KEYS[1], 'W.' .. ARGV[1], 'PX', ARGV[2])
end
return false`);

/** ARGV: token, ms. */
const renewWrite = script(`${WRITE_LEASE}
local v = redis.call('GET', KEYS[1])
if is_write_lease(v) and string.find(v, ARGV[1], 3, true) then
  return redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[2]), redis.call('PTTL', KEYS[1])))
end
return 0`);

/**
 * Take a writer's token out of the write lease, on commit (tainting those who stay) and on withdrawal alike.
 * Returns whether a write lease stood there.
 */
const LEAVE = `${WRITE_LEASE}
local function leave(v, token, taint)
  local at = string.find(v, token, 3, true)
  local flag = taint and '!' or string.sub(v, 2, 2)
  if not at then
    redis.call('SETRANGE', KEYS[1], 1, flag)
    return
  end
  local rest = string.sub(v, 3, at - 1) .. string.sub(v, at + #token)
  if rest == '' then redis.call('UNLINK', KEYS[1])
  else redis.call('SET', KEYS[1], 'W' .. flag .. rest, 'KEEPTTL') end
end`;

/**
 * ARGV: what the put began on (entry prefix, or its own clean write lease), token, envelope, ms.
 * Stores only where nothing has changed since; otherwise leaves nothing old behind.
 */
const commitPut = script(`${LEAVE}
local v = redis.call('GET', KEYS[1])
if not v then return 0 end
if v == ARGV[1] or (string.sub(ARGV[1], 1, 1) == 'V' and string.sub(v, 1, #ARGV[1]) == ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
  return 1
end
if is_write_lease(v) then leave(v, ARGV[2], true) else redis.call('UNLINK', KEYS[1]) end
return 0`);

/** ARGV: token. */
const withdrawPut = script(`${LEAVE}
local v = redis.call('GET', KEYS[1])
if is_write_lease(v) then leave(v, ARGV[1], false) end
return 1`);

/** ARGV: token, ms. Whatever stands there makes way, except other writers. */
const beginWrite = script(`${WRITE_LEASE}
local v = redis.call('GET', KEYS[1])
if is_write_lease(v) then
  redis.call('SET', KEYS[1], v .. ARGV[1], 'PX', math.max(tonumber(ARGV[2]), redis.call('PTTL', KEYS[1])))
else
  redis.call('SET', KEYS[1], 'W.' .. ARGV[1], 'PX', ARGV[2])
end
return 1`);

/** ARGV: token. Anything else was stored after the write lease had expired, while this writer was still at work. */
const endWrite = script(`${LEAVE}
local v = redis.call('GET', KEYS[1])
if is_write_lease(v) then leave(v, ARGV[1], true) else redis.call('UNLINK', KEYS[1]) end
return 1`);

/** Leaves write leases in place: they are as good as an absent generation key, and protect until their writers are done. */
const removeGeneration = script(`${WRITE_LEASE}
local v = redis.pcall('GET', KEYS[1])
if type(v) ~= 'string' or not is_write_lease(v) then redis.call('UNLINK', KEYS[1]) end
return 1`);

/** ARGV: token, ms or ''. For servers before 7.0. */
const readGeneration = script(`
local v = redis.call('GET', KEYS[1])
if v then return v end
if ARGV[2] == '' then redis.call('SET', KEYS[1], ARGV[1]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return false`);

/** ARGV: the value to replace, the new one, ms or ''. Returns what stands there then. */
const restampGeneration = script(`
local v = redis.call('GET', KEYS[1])
if v and v ~= ARGV[1] then return v end
if ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return ARGV[2]`);

/**
 * ARGV: the namespace's token. Removes an entry that has another one: it is the first of the generations, whose place the
 * lengths in the header tell (see `envelope.ts`).
 */
const purge = script(`
local head = redis.call('GETRANGE', KEYS[1], 0, 46)
if #head < 47 or string.sub(head, 1, 2) ~= 'V1' then return 0 end
local version = tonumber(string.sub(head, 38, 39), 16)
local serializer = tonumber(string.sub(head, 40, 41), 16)
if not version or not serializer then return 0 end
local at = 47 + version + serializer
if redis.call('GETRANGE', KEYS[1], at, at + 15) == ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])`);

/** ARGV: ms. Writes only where it must, since every write is broadcast. The life of a write lease is its writers'. */
const extendGeneration = script(`${WRITE_LEASE}
local left = redis.call('PTTL', KEYS[1])
if left >= 0 and left < tonumber(ARGV[1]) and not is_write_lease(redis.call('GET', KEYS[1])) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1`);

/**
 * Tries every command that the others and L2 use, and returns the names of those that this user may not run. Redis 6 names
 * no code for that.
 */
const trial = script(`
local refused = {}
local function try(name, ...)
  local reply = redis.pcall(name, KEYS[1], ...)
  local why = type(reply) == 'table' and reply.err
  if why and (string.find(why, 'NOPERM') or string.find(why, 'The user executing the script')) then refused[#refused + 1] = name end
end
try('GET') try('GETRANGE', 0, 0) try('SET', '', 'XX', 'PX', 1) try('SETRANGE', 0, '') try('PTTL') try('PEXPIRE', 1)
try('TOUCH') try('SMEMBERS') try('SADD', '1') try('UNLINK')
KEYS[1] = '0'
try('SCAN')
return table.concat(refused, ', ')`);

export const SCRIPTS = {
  tiercelTrial: trial,
  tiercelReadGeneration: readGeneration,
  tiercelRestampGeneration: restampGeneration,
  tiercelExtendGeneration: extendGeneration,
  tiercelPurge: purge,
  tiercelRemoveGeneration: removeGeneration,
  tiercelBeginWrite: beginWrite,
  tiercelEndWrite: endWrite,
  tiercelClaim: claim,
  tiercelReplace: replace,
  tiercelFill: fill,
  tiercelConfirm: confirm,
  tiercelRelease: release,
  tiercelRenew: renew,
  tiercelInvalidate: invalidate,
  tiercelSet: set,
  tiercelBeginPut: beginPut,
  tiercelRenewWrite: renewWrite,
  tiercelCommitPut: commitPut,
  tiercelWithdrawPut: withdrawPut,
} as const satisfies Record<string, ScriptSource>;

export type ScriptName = keyof typeof SCRIPTS;
