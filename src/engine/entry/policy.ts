/**
 * Storing options of one method or call, compiled once: presets looked up, seconds turned into ms, tiers decided.
 * The hot path reads plain fields and never an option object.
 */

import { ttlOf } from '../../config/define';
import type { ReadingOptions, Ttl } from '../../config/options';
import { refreshingOf } from '../../config/refreshing';
import type { ResolvedCompression, ResolvedConfig } from '../../config/resolved';
import type { Policy } from '../../contract/engine';
import { VersionError } from '../../contract/errors';
import { MAX_VERSION_BYTES } from '../../redis/envelope';
import type { MethodCounters } from './counters';
import { MissForecast } from './miss-forecast';

/** With `tiers: 'l1'` over Redis, what a `ttl` by result can come to. */
const LONGEST_BY_RESULT_MS = 3_600_000;

/** How long one kind of value lives in each tier, in ms. */
export interface Lifetime {
  readonly l1Ms: number;
  readonly l2Ms: number;
}

/** How long a call waits for a load, in ms. */
export interface LoadTimeout {
  /** If an expired value is at hand; 0: not at all. */
  readonly softMs: number;
  /** In any case; undefined: until it has ended. */
  readonly hardMs: number | undefined;
}

export interface CompiledPolicy extends Policy {
  readonly lifetime: Lifetime;
  readonly nullLifetime: Lifetime;
  /** The lifetime that a `ttl` comes to. @throws the errors of ttls */
  readonly lifetimeFor: (ttl: Ttl) => Lifetime;
  /** Of one call whose `ttl` is a function: the lifetime of a value. */
  readonly byResult?: (value: unknown) => Lifetime;
  /** How long an expired entry may still be served, in ms (P20). */
  readonly staleMs: number;
  /** It is L1 that keeps expired entries to be served: there is no L2. */
  readonly staleInL1: boolean;
  /** When an entry is refreshed before it expires; undefined: never. */
  readonly refreshAhead: 'xfetch' | number | undefined;
  /** How long an entry is fresh, in ms: in L2, or in L1 if the cache has no L2. */
  readonly freshMs: number;
  readonly timeout: LoadTimeout;
  /** L1 is read. */
  readonly inL1: boolean;
  /** L1 is written. */
  readonly keptInL1: boolean;
  /** L1 may not answer, and generations are not taken from what is known here, which may lag by the channel's latency. */
  readonly exact: boolean;
  /** L2 holds the value; false: L2 holds a stub that shows invalidations, or there is no L2. */
  readonly valueInL2: boolean;
  /** Values are meant to pass a serializer, if not now, then where there is an L2. */
  readonly serializable: boolean;
  /** False where the `ttl` is 0: calls pass through. */
  readonly caches: boolean;
  /** What L2 holds becomes a value of this method only by `schema` or `revive`. */
  readonly reshapes: boolean;
  /** How large values of the method are compressed in L2, if at all. */
  readonly compress: ResolvedCompression | undefined;
  /** Instances of classes may come back as plain objects. */
  readonly plain: boolean;
  readonly counters: MethodCounters;
  readonly forecast: MissForecast;
}

export function compilePolicy(
  options: ReadingOptions,
  config: ResolvedConfig,
  label: string,
  counters: MethodCounters,
): CompiledPolicy {
  const { tiers = 'both', nullTtl } = options;
  const serializable = tiers !== 'l1';
  const byResult = typeof options.ttl === 'function';
  const asked = ttlOf(options, config, label);
  // A stub is placed before there is a result, and the lifetime of the value ends with it (P28).
  const lifetime = byResult && !serializable ? longer(asked, LONGEST_BY_RESULT_MS) : asked;
  const valueInL2 = serializable && config.l2 !== false;
  const inL1 = config.l1 !== false && tiers !== 'l2' && (byResult || lifetime.l1Ms > 0);
  const refreshing = refreshingOf(options, { label, keepsValueInL2: valueInL2, hasL2: config.l2 !== false });
  return {
    label,
    version: versionText(options.version, label),
    lifetime,
    lifetimeFor: (ttl) => ttlOf({ ...options, ttl }, config, label),
    ...refreshing,
    staleInL1: config.l2 === false && refreshing.staleMs > 0,
    freshMs: config.l2 === false ? lifetime.l1Ms : lifetime.l2Ms,
    nullLifetime: nullTtl === undefined ? lifetime : ttlOf({ ...options, ttl: nullTtl }, config, label),
    inL1,
    keptInL1: inL1,
    exact: !inL1,
    valueInL2,
    serializable,
    caches: inL1 || (valueInL2 && (byResult || lifetime.l2Ms > 0)),
    revive: options.revive,
    schema: options.schema,
    reshapes: options.revive !== undefined || options.schema !== undefined,
    compress: options.compress === false || config.l2 === false ? undefined : config.l2.compress,
    plain: options.plain === true,
    counters,
    forecast: new MissForecast(),
  };
}

/** The policy of a call that L1 may not answer. What it finds enters L1 all the same. */
export function exactly(policy: CompiledPolicy): CompiledPolicy {
  return { ...policy, inL1: false, exact: true, staleInL1: false };
}

/**
 * Whether it is time to refresh an entry that is still fresh. XFetch draws it: the more likely, the nearer the end, and
 * the longer the load takes. Source: Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede
 * Prevention", VLDB 2015, with beta 1.
 * @param leftMs until it expires
 * @param costMs how long its load took
 */
export function isDue({ refreshAhead, freshMs }: CompiledPolicy, leftMs: number, costMs: number): boolean {
  if (refreshAhead === undefined) return false;
  if (refreshAhead === 'xfetch') return leftMs <= -costMs * Math.log(Math.random());
  return leftMs <= (1 - refreshAhead) * freshMs;
}

/** The lifetime of this value; 0 in both tiers means that it is not stored. */
export function lifetimeOf(policy: CompiledPolicy, value: unknown): Lifetime {
  if (policy.byResult !== undefined) return policy.byResult(value);
  return value === null ? policy.nullLifetime : policy.lifetime;
}

function longer({ l1Ms, l2Ms }: Lifetime, leastMs: number): Lifetime {
  return { l1Ms: Math.max(l1Ms, leastMs), l2Ms: Math.max(l2Ms, leastMs) };
}

function versionText(version: string | number | undefined, label: string): string {
  const text = version === undefined ? '' : String(version);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_VERSION_BYTES) {
    throw new VersionError({
      subject: label,
      expected: `a version of at most ${MAX_VERSION_BYTES} bytes`,
      got: `${bytes} bytes`,
    });
  }
  return text;
}
