/**
 * The entry points of this room: a checked configuration for the user, a resolved one for the engine, and the times to
 * live that a method's options amount to.
 */
import { ConfigError, UnknownPresetError } from '../contract/errors';
import type { CacheConfig, PresetTtl } from './cache-config';
import { describe } from './describe';
import { isDurationText } from './durations';
import { nearestName } from './nearest-name';
import type { StoringOptions } from './options';
import { readConfig } from './read-config';
import type { ResolvedConfig, TierTtl } from './resolved';
import { parseTtl } from './ttl';

/** The compiler refuses surplus options only of a fixed type. Here the type is inferred, so they are refused by name. */
type NoSurplus<Given, Known> = Given extends object
  ? { readonly [Name in Exclude<keyof Given, keyof Known>]: never }
  : unknown;

type NoSurplusIn<Entries, Known> = { readonly [Name in keyof Entries]: NoSurplus<Entries[Name], Known> };

type NoUnknownOptions<C extends CacheConfig> = NoSurplus<C, CacheConfig> & {
  readonly [Name in keyof C]: Name extends 'l1' | 'l2' | 'coherence' | 'monitoring'
    ? NoSurplus<C[Name], Extract<CacheConfig[Name], object>>
    : Name extends 'ttl'
      ? NoSurplusIn<C[Name], Extract<PresetTtl, object>>
      : unknown;
};

/**
 * Checks a configuration where it is written, and returns it unchanged. Its type keeps the names of presets and events,
 * for `Register`.
 *
 * @throws ConfigError (`TIERCEL_CONFIG`) that lists every problem.
 */
export function defineCacheConfig<const C extends CacheConfig>(config: C & NoUnknownOptions<C>): C {
  resolveConfig(config);
  return config;
}

/**
 * Applies every default; checks as well, for callers without types. Some defaults depend on whether NODE_ENV is
 * `production`, at the time of the call.
 *
 * @throws ConfigError (`TIERCEL_CONFIG`) that lists every problem.
 */
export function resolveConfig(config: CacheConfig): ResolvedConfig {
  const reading = readConfig(config, process.env['NODE_ENV'] === 'production');
  if (reading.problems.length > 0) throw new ConfigError(reading.problems);
  return reading.config;
}

/**
 * The times to live that options amount to (P4); `0` means: do not store there. `l2Ms` is how long the entry lives, and is
 * never less than `l1Ms`: without an L2, and under `tiers: 'l1'`, the two are equal.
 * For `null`, ask with `nullTtl` in the place of `ttl`.
 *
 * @param subject whose options these are, for messages: `ProviderService.stats`.
 * @throws UnknownPresetError, DurationError, TtlError
 */
export function ttlOf(
  options: StoringOptions,
  config: ResolvedConfig,
  subject: string,
): { l1Ms: number; l2Ms: number } {
  const asked = askedTtl(options.ttl, config, `ttl of ${subject}`);
  const { l1, l2 } = config;
  const usesL1 = l1 !== false && options.tiers !== 'l2';
  if (usesL1 && (l2 === false || options.tiers === 'l1')) {
    // The only copy: L1's cap on single times, which bounds how far L1 may trail L2, has no purpose here.
    const ms = asked.l1Ms ?? asked.l2Ms ?? l1.defaultTtlMs;
    return { l1Ms: ms, l2Ms: ms };
  }
  const l2Ms = l2 === false ? 0 : (asked.l2Ms ?? l2.defaultTtlMs);
  return { l1Ms: usesL1 ? Math.min(asked.l1Ms ?? l1.defaultTtlMs, l2Ms) : 0, l2Ms };
}

function askedTtl(ttl: StoringOptions['ttl'], { presets }: ResolvedConfig, subject: string): TierTtl {
  // What a function returns is asked for each value, as a `ttl` of its own.
  if (ttl === undefined || typeof ttl === 'function') return { l1Ms: undefined, l2Ms: undefined };
  if (typeof ttl !== 'string') return parseTtl(ttl, subject);
  const preset = presets.get(ttl);
  if (preset !== undefined) return preset;
  if (isDurationText(ttl)) return parseTtl(ttl, subject);

  const near = nearestName(ttl, presets.keys());
  throw new UnknownPresetError({
    subject,
    expected:
      presets.size === 0 ? 'a duration, as there are no presets' : `one of ${[...presets.keys()].join(', ')}`,
    got: describe(ttl),
    ...(near === undefined ? {} : { remedy: `Did you mean '${near}'?` }),
  });
}
