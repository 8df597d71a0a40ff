/** What all contenders read: the statistics of 1,000 providers, as many as the strategy document's L1 holds. */
import { createHash } from 'node:crypto';
import type { Settings } from './contender';

/** A power of two, so that going round costs the same for everybody and next to nothing. */
const PROVIDERS = 1_024;

export interface Stats {
  readonly providerId: string;
  readonly trades: number;
  readonly winRate: number;
  readonly monthly: readonly { readonly month: string; readonly profit: number }[];
}

export function providerIds(kind: Settings['ids']): readonly string[] {
  return Array.from({ length: PROVIDERS }, (_, index) => (kind === 'decimal' ? String(index) : uuid(index)));
}

/** The next id of a walk through all of them. */
export function idAt(ids: readonly string[], step: number): string {
  return ids[step & (PROVIDERS - 1)]!;
}

/** About 500 bytes of JSON. */
export function statsOf(providerId: string): Stats {
  const monthly = Array.from({ length: 12 }, (_, month) => ({
    month: `2026-${String(month + 1).padStart(2, '0')}`,
    profit: month * 12.5,
  }));
  return { providerId, trades: 1_234, winRate: 0.61, monthly };
}

/** The same ids in every process, and no two alike. */
function uuid(index: number): string {
  const hex = createHash('sha256').update(String(index)).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
