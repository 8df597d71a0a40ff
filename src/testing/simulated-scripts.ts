/**
 * The Lua scripts of `redis/scripts.ts` in TypeScript, each under its own name: what they do to one key of the
 * simulated Redis. They are written independently rather than translated, and held against the real ones by
 * `simulated-redis.test.ts`.
 */
import type { ScriptName } from '../redis/scripts';

/** A string is a bulk reply. */
export type Reply = null | number | string | readonly Reply[];

/** What a script does with one key. */
export interface ScriptedRedis {
  get(name: string): string | undefined;
  /** `ms` undefined: it never expires. */
  put(name: string, value: string, ms: number | undefined): void;
  /** With the time to live that it had. */
  replace(name: string, value: string): void;
  remove(name: string): number;
  expireIn(name: string, ms: number): number;
  /** As `PTTL`. */
  msLeft(name: string): number;
}

export type Script = (redis: ScriptedRedis, key: string, args: readonly string[]) => Reply;

const TOKEN_LENGTH = 16;

function isWriteLease(value: string | undefined): value is string {
  return value !== undefined && value.length % TOKEN_LENGTH === 2 && /^W[.!][\w-]+$/.test(value);
}

/** Adds a writer to those that are there, or puts its write lease in the place of `value`. */
function join(redis: ScriptedRedis, key: string, value: string | undefined, token: string, ms: number): void {
  if (isWriteLease(value)) redis.put(key, value + token, Math.max(ms, redis.msLeft(key)));
  else redis.put(key, `W.${token}`, ms);
}

/** Takes a writer out; the reply tells those that stay that they were not alone. */
function leave(redis: ScriptedRedis, key: string, value: string, token: string, taints: boolean): void {
  const flag = taints ? '!' : value[1]!;
  const generations = value.slice(2);
  const others = generations.replace(token, '');
  if (others === '') redis.remove(key);
  else redis.replace(key, `W${flag}${others}`);
}

function taint(redis: ScriptedRedis, key: string): boolean {
  const value = redis.get(key);
  if (!isWriteLease(value)) return false;
  redis.replace(key, `W!${value.slice(2)}`);
  return true;
}

/** Creates it, or tells what is there. */
const create: Script = (redis, key, [value = '', ms = '']) => {
  const before = redis.get(key);
  if (before === undefined) redis.put(key, value, msOf(ms));
  return before ?? null;
};

function msOf(text: string | undefined): number | undefined {
  return text === '' || text === undefined ? undefined : Number(text);
}

export const SIMULATED_SCRIPTS: Readonly<Record<ScriptName, Script>> = {
  /** A user who may do everything. */
  tiercelTrial: () => '',
  tiercelClaim: create,
  tiercelReadGeneration: create,

  tiercelReplace(redis, key, [lease = '', ms, prefix = '', length = '']) {
    const value = redis.get(key);
    const isOther =
      value !== undefined &&
      (!value.startsWith(prefix) || (length !== '' && value.length !== Number(length)));
    if (isOther) return value;
    redis.put(key, lease, Number(ms));
    return null;
  },

  tiercelFill(redis, key, [prefix = '', entry = '', ms]) {
    if (redis.get(key)?.startsWith(prefix) !== true) return 0;
    redis.put(key, entry, Number(ms));
    return 1;
  },

  tiercelConfirm: (redis, key, [prefix = '']) => (redis.get(key)?.startsWith(prefix) === true ? 1 : 0),

  tiercelRelease: (redis, key, [lease]) => (redis.get(key) === lease ? redis.remove(key) : 0),

  tiercelRenew: (redis, key, [lease, ms]) => (redis.get(key) === lease ? redis.expireIn(key, Number(ms)) : 0),

  tiercelInvalidate(redis, key) {
    if (!taint(redis, key)) redis.remove(key);
    return 1;
  },

  tiercelSet(redis, key, [entry = '', ms]) {
    if (taint(redis, key)) return 0;
    redis.put(key, entry, Number(ms));
    return 1;
  },

  tiercelBeginPut(redis, key, [token = '', ms]) {
    const value = redis.get(key);
    const head = /^V1[\w-]{16}(?=.)/s.exec(value ?? '')?.[0];
    if (head !== undefined) return head;
    join(redis, key, value, token, Number(ms));
    return null;
  },

  tiercelRenewWrite(redis, key, [token = '', ms]) {
    const value = redis.get(key);
    if (!isWriteLease(value) || !value.includes(token)) return 0;
    return redis.expireIn(key, Math.max(Number(ms), redis.msLeft(key)));
  },

  tiercelCommitPut(redis, key, [expected = '', token = '', entry = '', ms]) {
    const value = redis.get(key);
    if (value === undefined) return 0;
    if (value === expected || (expected.startsWith('V') && value.startsWith(expected))) {
      redis.put(key, entry, Number(ms));
      return 1;
    }
    if (isWriteLease(value)) leave(redis, key, value, token, true);
    else redis.remove(key);
    return 0;
  },

  tiercelWithdrawPut(redis, key, [token = '']) {
    const value = redis.get(key);
    if (isWriteLease(value)) leave(redis, key, value, token, false);
    return 1;
  },

  tiercelBeginWrite(redis, key, [token = '', ms]) {
    join(redis, key, redis.get(key), token, Number(ms));
    return 1;
  },

  tiercelEndWrite(redis, key, [token = '']) {
    const value = redis.get(key);
    if (isWriteLease(value)) leave(redis, key, value, token, true);
    else redis.remove(key);
    return 1;
  },

  tiercelRemoveGeneration(redis, key) {
    if (!isWriteLease(redis.get(key))) redis.remove(key);
    return 1;
  },

  tiercelRestampGeneration(redis, key, [before, after = '', ms]) {
    const value = redis.get(key);
    if (value !== undefined && value !== before) return value;
    redis.put(key, after, msOf(ms));
    return after;
  },

  tiercelPurge(redis, key, [token = '']) {
    const value = redis.get(key);
    if (value === undefined || value.length < 47 || !value.startsWith('V1')) return 0;
    const [version, serializer] = [value.slice(37, 39), value.slice(39, 41)].map((digits) =>
      Number.parseInt(digits, 16),
    ) as [number, number];
    if (Number.isNaN(version + serializer)) return 0;
    return value.startsWith(token, 47 + version + serializer) ? 0 : redis.remove(key);
  },

  tiercelExtendGeneration(redis, key, [ms]) {
    const left = redis.msLeft(key);
    if (left >= 0 && left < Number(ms) && !isWriteLease(redis.get(key))) redis.expireIn(key, Number(ms));
    return 1;
  },
};
