/**
 * Reads one time to live: seconds, a duration, or one of these per tier. Used for the configuration's presets and for
 * the `ttl` of options alike. Knows neither defaults nor presets: `ttlOf` does.
 */
import { TtlError } from '../contract/errors';
import { describe } from './describe';
import { durationMs } from './durations';
import type { TierTtl } from './resolved';

/**
 * @throws DurationError, TtlError for anything that is not a time to live, and for an `l1` longer than its `l2`.
 */
export function parseTtl(value: unknown, subject: string): TierTtl {
  if (typeof value !== 'object' || value === null) {
    return { l1Ms: undefined, l2Ms: durationMs(value, subject, 'seconds') };
  }
  const { l1, l2, ...others } = value as Readonly<Record<string, unknown>>;
  const [other] = Array.isArray(value) ? ['an array'] : Object.keys(others).map((name) => `'${name}'`);
  if (other !== undefined)
    throw new TtlError({ subject, expected: '{ l1, l2 } and nothing else', got: other });

  const l1Ms = l1 === undefined ? undefined : durationMs(l1, `${subject}.l1`, 'seconds');
  const l2Ms = l2 === undefined ? undefined : durationMs(l2, `${subject}.l2`, 'seconds');
  if (l1Ms !== undefined && l2Ms !== undefined && l1Ms > l2Ms) {
    throw new TtlError({
      subject,
      expected: `l1 not to outlive l2 (${describe(l2)})`,
      got: `an l1 of ${describe(l1)}`,
      remedy: "For values kept in memory only, use tiers: 'l1'.",
    });
  }
  return { l1Ms, l2Ms };
}
