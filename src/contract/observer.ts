/** What a cache asks of `ops/observe`. Types only. */
import type { Target } from './engine';
import type { InvalidationHistory, InvalidationPreview } from './invalidation-history';
import type { Health, Report } from './report';
import type { Statistics } from './statistics';

export interface Observer {
  statistics(): Statistics;
  report(): Report;
  health(): Health;
  readonly invalidations: InvalidationHistory;
  preview(targets: readonly Target[]): InvalidationPreview;
}
