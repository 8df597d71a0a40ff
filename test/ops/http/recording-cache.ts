/** A cache for tests of the endpoints: it remembers every change asked of it, and fails where a test wants it to. */
import { Registry } from 'prom-client';
import type { CacheMap, MapFormat } from '../../../src/contract/declared';
import { MissingValueError, UnknownEventError } from '../../../src/contract/errors';
import type { Explanation } from '../../../src/contract/explanation';
import type {
  InvalidationHistory,
  InvalidationPreview,
  InvalidationRecord,
} from '../../../src/contract/invalidation-history';
import type { Health, Report } from '../../../src/contract/report';
import type { Statistics } from '../../../src/contract/statistics';
import type { ServedCache } from '../../../src/ops/http/served-cache';

/** Of Redis: not for everybody. */
export const ADDRESS = '10.0.0.5:6379';

const TIER = { hits: 8500, misses: 1500, hitRate: 85, avgResponseTime: 0.5 };

const RECORD: InvalidationRecord = {
  at: 1_790_000_000_000,
  label: 'OrderService.pay',
  strategy: 'write-invalidate',
  event: null,
  reason: 'refund of secret-9',
  patterns: ['order:secret-42'],
  templates: ['order:<id>'],
  tags: ['customer:secret-7'],
  sent: 1,
  entries: 1,
  acknowledged: true,
};
const NO_STATISTICS = {
  total: 0,
  perMinute: 0,
  byStrategy: { 'write-invalidate': 0, 'write-through': 0, pattern: 0 },
  byPattern: {},
  byTemplate: {},
  seconds: 60,
  complete: true,
};

export class RecordingCache implements ServedCache {
  /** One line per change, in the order in which they were asked for. */
  readonly changes: string[] = [];
  readonly previewed: string[] = [];
  unreached: InvalidationPreview['unreached'] = [];
  healthy = true;
  ready = true;
  acknowledged = true;
  /** Thrown by whatever is called next. */
  fault: unknown;
  readonly invalidations: InvalidationHistory = {
    history: () => [RECORD],
    stats: () => ({ ...NO_STATISTICS, total: 1, byPattern: { 'order:<id>': 1 } }),
  };

  stats(): Statistics {
    this.#mayFail();
    return { l1: TIER, l2: TIER, overall: TIER, methods: {} } as unknown as Statistics;
  }

  report(): Report {
    this.#mayFail();
    const redis = {
      state: 'down',
      reason: `connect ${ADDRESS}`,
      breakers: [{ node: ADDRESS, state: 'open' }],
    };
    return { cache: 'signals', redis, ...this.stats() } as unknown as Report;
  }

  health(): Health {
    this.#mayFail();
    const { healthy, ready } = this;
    const state = healthy ? 'healthy' : 'unhealthy';
    const message = 'Cache performance is optimal';
    return {
      healthy,
      state,
      ready,
      hitRate: 84.3,
      seconds: 60,
      calls: 1_000,
      threshold: 80,
      message,
      alerts: [],
    };
  }

  async explain(key: string): Promise<Explanation> {
    this.#mayFail();
    return { key } as unknown as Explanation;
  }

  map(): CacheMap;
  map(format: MapFormat): string;
  map(format?: MapFormat): CacheMap | string {
    this.#mayFail();
    return format ?? { cache: 'signals', templates: [], unreached: [], computed: [] };
  }

  metrics(registry: Registry = new Registry()) {
    this.#mayFail();
    return registry;
  }

  preview(what: Parameters<ServedCache['preview']>[0]): InvalidationPreview {
    this.#mayFail();
    this.previewed.push(JSON.stringify(what));
    const templates = [{ template: 'feed:<userId>', readBy: ['feed'], entries: 3, expectedLoads: 2 }];
    return { templates, entries: 3, expectedLoads: 2, unreached: this.unreached };
  }

  async emit(event: string, data: Readonly<Record<string, unknown>>, { reason }: { reason?: string } = {}) {
    this.#mayFail();
    if (event !== 'signal.created')
      throw new UnknownEventError({ subject: event, expected: 'signal.created', got: `'${event}'` });
    if (data['providerId'] === undefined)
      throw new MissingValueError({
        subject: 'provider:<providerId>:stats',
        expected: 'a value',
        got: 'none',
      });
    return this.#changed({ event, data, reason }, 0);
  }

  async invalidate(what: Parameters<ServedCache['invalidate']>[0]) {
    this.#mayFail();
    return this.#changed(what, 3);
  }

  async clear() {
    this.#mayFail();
    this.changes.push('clear');
    return { acknowledged: this.acknowledged };
  }

  #changed(what: object, swept: number) {
    this.changes.push(JSON.stringify(what));
    return { acknowledged: this.acknowledged, swept };
  }

  #mayFail(): void {
    if (this.fault !== undefined) throw this.fault;
  }
}
