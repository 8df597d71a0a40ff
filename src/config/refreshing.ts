/**
 * Reads the options of freshness without waiting (P20): `staleFor`, `refreshAhead`, `timeout`. The engine applies them.
 */
import { RefreshError } from '../contract/errors';
import { describe } from './describe';
import { durationMs } from './durations';
import type { ReadingOptions } from './options';

export interface Refreshing {
  readonly staleMs: number;
  readonly refreshAhead: 'xfetch' | number | undefined;
  readonly timeout: { readonly softMs: number; readonly hardMs: number | undefined };
}

interface Use {
  /** The method, for messages. */
  readonly label: string;
  readonly keepsValueInL2: boolean;
  readonly hasL2: boolean;
}

/** @throws RefreshError (`TIERCEL_REFRESH`), DurationError (`TIERCEL_DURATION`) */
export function refreshingOf(
  { ttl, staleFor, refreshAhead, timeout }: ReadingOptions,
  { label, keepsValueInL2, hasL2 }: Use,
): Refreshing {
  const staleMs = staleFor === undefined ? 0 : durationMs(staleFor, `staleFor of ${label}`, 'seconds');
  if (hasL2 && !keepsValueInL2 && (staleMs > 0 || refreshAhead !== undefined)) {
    throw new RefreshError({
      subject: label,
      expected: "tiers: 'both' or 'l2', as it is the entry in Redis that is refreshed",
      got: "tiers: 'l1'",
    });
  }
  if (typeof ttl === 'function' && typeof refreshAhead === 'number') {
    throw new RefreshError({
      subject: `refreshAhead of ${label}`,
      expected: "'xfetch', as the ttl is a function of the result",
      got: 'a fraction of the ttl',
    });
  }
  return { staleMs, refreshAhead: checkedAhead(refreshAhead, label), timeout: timeoutOf(timeout, label) };
}

function checkedAhead(ahead: unknown, label: string): 'xfetch' | number | undefined {
  if (ahead === undefined || ahead === 'xfetch') return ahead;
  if (typeof ahead === 'number' && ahead > 0 && ahead < 1) return ahead;
  throw new RefreshError({
    subject: `refreshAhead of ${label}`,
    expected: "'xfetch', or a fraction of the ttl between 0 and 1",
    got: describe(ahead),
  });
}

function timeoutOf(timeout: unknown, label: string): Refreshing['timeout'] {
  if (timeout === undefined) return { softMs: 0, hardMs: undefined };
  if (typeof timeout !== 'object' || timeout === null) {
    throw new RefreshError({
      subject: `timeout of ${label}`,
      expected: '{ soft, hard }',
      got: describe(timeout),
    });
  }
  const { soft, hard, ...others } = timeout as Readonly<Record<string, unknown>>;
  const [other] = Object.keys(others);
  const softMs = soft === undefined ? 0 : durationMs(soft, `timeout.soft of ${label}`);
  const hardMs = hard === undefined ? undefined : durationMs(hard, `timeout.hard of ${label}`);
  if (other !== undefined || hardMs === 0 || (hardMs !== undefined && softMs >= hardMs)) {
    throw new RefreshError({
      subject: `timeout of ${label}`,
      expected: '{ soft, hard } with a soft one below the hard one',
      got: other === undefined ? `${softMs} and ${hardMs} ms` : `the option '${other}'`,
    });
  }
  return { softMs, hardMs };
}
