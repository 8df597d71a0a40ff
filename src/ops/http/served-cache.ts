/** What the endpoints ask of a cache. Any `TiercelCache` is one. */
import type { CacheMap, MapFormat } from '../../contract/declared';
import type { Explanation } from '../../contract/explanation';
import type { InvalidationHistory, InvalidationPreview } from '../../contract/invalidation-history';
import type { Health, Report } from '../../contract/report';
import type { Statistics } from '../../contract/statistics';
import type { Registry } from '../observe/prometheus';

export interface ServedCache {
  stats(): Statistics;
  report(): Report;
  health(): Health;
  explain(key: string): Promise<Explanation>;
  map(): CacheMap;
  map(format: MapFormat): string;
  metrics(registry?: Registry): Registry;
  readonly invalidations: InvalidationHistory;
  preview(
    what:
      | { readonly event: string; readonly data: Readonly<Record<string, unknown>> }
      | { readonly patterns: readonly Name[]; readonly tags?: readonly Name[] },
  ): InvalidationPreview;
  emit(
    event: string,
    data: Readonly<Record<string, unknown>>,
    options?: { readonly reason?: string },
  ): Promise<PatternsRemoved>;
  invalidate(what: {
    readonly patterns: readonly Name[];
    readonly tags?: readonly Name[];
    readonly reason?: string;
  }): Promise<PatternsRemoved>;
  clear(): Promise<Removed>;
}

/** A string, or a template and its values. */
export type Name = string | readonly [template: string, values: Readonly<Record<string, unknown>>];

export interface Removed {
  readonly acknowledged: boolean;
}

export interface PatternsRemoved extends Removed {
  readonly swept: number;
}
