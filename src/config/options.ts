/**
 * The storing options that decorators, `getOrSet`, `set` and strategies share: each is documented here, once.
 * Types only; `ttlOf` in `define.ts` gives them their meaning.
 */
import type { StandardSchema } from '../contract/standard-schema';
import type { DurationText, Seconds } from './durations';
import type { PresetName } from './register';

/**
 * How long an entry lives: a preset of the configuration, seconds, `'5m'`, or one time per tier.
 *
 * A single time is L2's; L1 keeps its copy for that long, but no longer than `l1.defaultTTL`, which is thereby the cap
 * on what a single time gives to memory. If only L1 stores (no L2, or `tiers: 'l1'`), it is L1's, uncapped.
 * A tier left out of `{ l1, l2 }` has its own default. L1 never outlives L2. `0` means: do not cache.
 */
export type Ttl =
  | PresetName
  | Seconds
  | DurationText
  | {
      readonly l1?: Seconds | DurationText | undefined;
      readonly l2?: Seconds | DurationText | undefined;
    };

/** A `ttl` that depends on what is stored. Each use names its arguments. */
export type TtlByResult = (...args: any[]) => Ttl;

/**
 * @typeParam ByResult the function form of `ttl`
 * @typeParam Value the type of the values
 */
export interface StoringOptions<ByResult extends TtlByResult = TtlByResult, Value = unknown> {
  /**
   * Default: `l1.defaultTTL` in L1 and `l2.defaultTTL` in L2. A function is called with what is to be stored; `0` stores
   * nothing. If it throws or returns no valid `Ttl`, the value is returned and not stored, and the event `error` reports it.
   */
  readonly ttl?: Ttl | ByResult | undefined;
  /** The time to live of a `null` result, seconds or a duration. Default: as `ttl`. `0`: `null` is not cached. */
  readonly nullTtl?: Seconds | DurationText | undefined;
  /**
   * How long an expired value may still be served while it is reloaded, or while that fails; seconds or a duration.
   * An invalidated value is never served. Default 0.
   */
  readonly staleFor?: Seconds | DurationText | undefined;
  /**
   * The shape of the value. An entry stored under another version is a miss, so old and new code can run side
   * by side. Default: none. `1` and `'1'` are one version.
   */
  readonly version?: string | number | undefined;
  /** The tiers that keep entries. Default `'both'`. Use `'l1'` for values that should not, or cannot, be serialized. */
  readonly tiers?: 'l1' | 'l2' | 'both' | undefined;
  /**
   * Makes the value again of what L2 holds, which is plain data: `(plain) => User.from(plain)`. It runs once per read of L2,
   * before the value enters L1, and never for `null`. If it throws, the entry is a miss, and the event `error` reports it.
   * In a write it says that readers revive: L1 then serves them the instance, without a report. Default: values stay plain.
   */
  readonly revive?: ((plain: any) => Value) | undefined;
  /** False: its values are not compressed, whatever `l2.compress` says: those that are compressed already, say. Default: true. */
  readonly compress?: boolean | undefined;
  /** True: instances of classes may come back from L2 as plain objects; nothing warns of it. Default: false. */
  readonly plain?: boolean | undefined;
}

export interface ReadingOptions<ByResult extends TtlByResult = TtlByResult, Value = unknown>
  extends StoringOptions<ByResult, Value> {
  /**
   * A Standard Schema (Zod, Valibot, ArkType) for what is read from L2, before `revive`; `null` is not checked. Its output
   * is the value. An entry that does not fit is a miss, and reported once. It must validate synchronously. Default: none.
   */
  readonly schema?: StandardSchema | undefined;
  /**
   * When a value that is still fresh is reloaded in the background. `'xfetch'`: by chance, the more likely the nearer its
   * end and the slower its load. A fraction of its time to live, such as `0.8`: then; not with a function as `ttl`. Default: not before it has expired.
   */
  readonly refreshAhead?: 'xfetch' | number | undefined;
  /**
   * How long a call waits for a load. `soft`: if an expired value may be served (`staleFor`); default 0, it is served
   * at once. `hard`: in any case; the call then rejects with `TIERCEL_LOAD_TIMEOUT`. The load continues, and its
   * result is stored.
   */
  readonly timeout?:
    | { readonly soft?: DurationText | undefined; readonly hard?: DurationText | undefined }
    | undefined;
}
