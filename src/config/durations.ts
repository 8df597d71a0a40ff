/**
 * Reads durations: `'250ms'`, `'30s'`, `'5m'`, `'1h'`, `'1d'`, and plain seconds if an option allows them.
 * All other code counts in whole milliseconds (`…Ms`). It knows no option by name.
 */
import { DurationError } from '../contract/errors';
import { describe } from './describe';

/** A number of seconds; fractions allowed. Only `ttl`, `nullTtl` and `defaultTTL` take numbers. */
export type Seconds = number;

/** A number and its unit, without a space between them: `'250ms'`, `'1.5s'`, `'5m'`. */
export type DurationText = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Ten years: more is a Unix timestamp given as a time to live, or a slip in the unit. */
export const LONGEST_TTL_MS = 3_650 * 86_400_000;

/** The longest delay of a Node timer; a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

const DURATION_TEXT = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

const EXPECTED = {
  seconds: "seconds from 0 to ten years, or a duration such as '30s' or '5m'",
  text: "a duration with its unit, such as '250ms' or '5s'",
} as const;

/** Whether a string reads as a duration, valid or not for the option in question. */
export function isDurationText(text: string): boolean {
  return DURATION_TEXT.test(text);
}

/**
 * Milliseconds of a duration that a user wrote.
 *
 * @param subject the option's path, for the message.
 * @param accepts `'text'` (default): the unit must be written. `'seconds'`: a plain number counts as seconds.
 * @throws DurationError (`TIERCEL_DURATION`) for anything else, for a negative duration, for one longer than ten years,
 * and for one that is above zero but rounds to zero milliseconds.
 */
export function durationMs(value: unknown, subject: string, accepts: 'text' | 'seconds' = 'text'): number {
  const exact = exactMs(value, accepts);
  const ms = Math.round(exact);
  if (!(exact >= 0 && ms <= LONGEST_TTL_MS) || (ms === 0 && exact > 0)) {
    throw new DurationError({ subject, expected: EXPECTED[accepts], got: describe(value) });
  }
  return ms;
}

/** NaN for a value that cannot be read. */
function exactMs(value: unknown, accepts: 'text' | 'seconds'): number {
  if (typeof value === 'number') return accepts === 'seconds' ? value * 1_000 : Number.NaN;
  if (typeof value !== 'string') return Number.NaN;
  const [, amount, unit] = DURATION_TEXT.exec(value) ?? [];
  return amount === undefined || unit === undefined ? Number.NaN : Number(amount) * MS_PER_UNIT[unit]!;
}
