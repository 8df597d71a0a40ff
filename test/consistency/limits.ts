/**
 * What tiercel promises, in numbers, and which of it a trial has broken. The checker ends with an error when one is.
 */
import type { TrialResult } from './trial';

/** `coherence.stalenessBound` and `coherence.degradedTtl`, at their defaults. */
export const STALENESS_BOUND_MS = 500;
export const DEGRADED_TTL_MS = 5_000;

export interface Limits {
  /**
   * Stale reads per million; undefined where only their age is bounded: a process that is cut off serves what it has for
   * as long as the bound lets it.
   */
  readonly stalePpm: number | undefined;
  /**
   * How old a stale read may be, in ms. There is no allowance for a slow machine: the age counts from when the writer
   * was told to when the reader asked, and the bound from the sending of a `PING` that was answered without the news.
   */
  readonly oldestMs: number;
}

/** Messages are on their way for some ms; so many reads may overtake one. */
const OVERTAKING_PPM = 100;
/** Standard deviations above the expected number: a short trial has too few stale reads to tell 80 ppm from 120. */
const CHANCE = 3;

export const NORMAL: Limits = { stalePpm: OVERTAKING_PPM, oldestMs: STALENESS_BOUND_MS };
/** A process that stood still trusts L1 only after it has heard what was said meanwhile: it looks every 40 ms at least. */
export const AWAKE: Limits = { stalePpm: OVERTAKING_PPM, oldestMs: 100 };
export const EXACT: Limits = { stalePpm: 0, oldestMs: 0 };
export const CUT_OFF: Limits = { stalePpm: undefined, oldestMs: STALENESS_BOUND_MS };
export const DEGRADED: Limits = { stalePpm: undefined, oldestMs: DEGRADED_TTL_MS };

export function brokenPromises(result: TrialResult, { stalePpm, oldestMs }: Limits): string[] {
  const { findings, stuck, failures, rejections } = result;
  const oldest = findings.staleAges.at(-1) ?? 0;
  const broken: string[] = [];
  const expect = (holds: boolean, what: string): void => {
    if (!holds) broken.push(what);
  };
  expect(findings.reads > 0, 'nothing was read');
  if (stalePpm !== undefined) {
    const expected = (stalePpm / 1e6) * findings.reads;
    const most = expected + CHANCE * Math.sqrt(expected);
    expect(findings.staleAges.length <= most, `more than ${stalePpm} ppm of stale reads`);
  }
  expect(oldest <= oldestMs, `a stale read older than ${oldestMs} ms`);
  expect(findings.ownStale === 0, 'reads that missed a write of their own process');
  expect(stuck === 0, 'keys that stay stale');
  expect(failures.length === 0, `calls of the cache that failed (${failures[0]})`);
  expect(rejections.length === 0, `rejections that nobody handled (${rejections[0]})`);
  return broken;
}

export function ppm({ findings: { staleAges, reads } }: TrialResult): number {
  return reads === 0 ? 0 : (staleAges.length / reads) * 1e6;
}
