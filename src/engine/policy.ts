/**
 * Storing options of one method or call, compiled once: presets looked up, seconds turned into ms, tiers decided.
 * The hot path reads plain fields and never an option object.
 */

import { ttlOf } from '../config/define';
import type { StoringOptions } from '../config/options';
import type { ResolvedConfig } from '../config/resolved';
import type { Policy } from '../contract/engine';
import { VersionError } from '../contract/errors';
import { MAX_VERSION_BYTES } from '../tiers/envelope';
import type { MethodCounters } from './counters';

/** How long one kind of value lives in each tier, in ms. */
export interface Lifetime {
  readonly l1Ms: number;
  readonly l2Ms: number;
}

export interface CompiledPolicy extends Policy {
  readonly lifetime: Lifetime;
  readonly nullLifetime: Lifetime;
  /** L1 is read and written. */
  readonly inL1: boolean;
  /** L2 holds the value; false: L2 holds a stub, which tells of invalidations, or there is no L2. */
  readonly valueInL2: boolean;
  /** Values are meant to pass a serializer, if not now, then where there is an L2. */
  readonly serializable: boolean;
  /** False where the `ttl` is 0: calls pass through. */
  readonly caches: boolean;
  readonly counters: MethodCounters;
}

export function compilePolicy(
  options: StoringOptions,
  config: ResolvedConfig,
  label: string,
  counters: MethodCounters,
): CompiledPolicy {
  const { tiers = 'both', nullTtl } = options;
  const lifetime = ttlOf(options, config, label);
  const serializable = tiers !== 'l1';
  const valueInL2 = serializable && config.l2 !== false;
  const inL1 = config.l1 !== false && tiers !== 'l2' && lifetime.l1Ms > 0;
  return {
    label,
    version: versionText(options.version, label),
    lifetime,
    nullLifetime: nullTtl === undefined ? lifetime : ttlOf({ ...options, ttl: nullTtl }, config, label),
    inL1,
    valueInL2,
    serializable,
    caches: inL1 || (valueInL2 && lifetime.l2Ms > 0),
    counters,
  };
}

/** The lifetime of this value; 0 in both tiers means that it is not stored. */
export function lifetimeOf(policy: CompiledPolicy, value: unknown): Lifetime {
  return value === null ? policy.nullLifetime : policy.lifetime;
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
