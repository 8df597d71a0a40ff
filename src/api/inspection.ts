/** What a cache tells about itself: figures, declarations, the history of invalidations, and one key in detail. */
import type { CacheMap, CheckOptions, Finding, MapFormat } from '../contract/declared';
import type { CacheEventName, CacheEvents } from '../contract/events';
import type { Explanation } from '../contract/explanation';
import type { InvalidationHistory, InvalidationPreview } from '../contract/invalidation-history';
import type { Health, Report } from '../contract/report';
import type { Statistics } from '../contract/statistics';
import type { EngineState } from '../engine/engine';
import type { CacheParts } from './cache-parts';
import { type Invalidation, targetsOf } from './call-options';
import { type Key, type KeyValues, keyText } from './key-input';

export abstract class CacheInspection<Registry> {
  readonly #parts: CacheParts<Registry>;

  /** @internal */
  constructor(parts: CacheParts<Registry>) {
    this.#parts = parts;
  }

  /** @internal */
  get state(): EngineState {
    return this.#parts.engine.state;
  }

  /** Listens for an event; returns the function that stops it. A listener that throws harms nobody. */
  on<N extends CacheEventName>(name: N, listener: (event: CacheEvents[N]) => void): () => void {
    return this.#parts.on(name, listener);
  }

  /** Counts and latencies since the start, per tier and per method, and of the last minutes. */
  stats(): Statistics {
    return this.#parts.observer.statistics();
  }

  /** All that is known about how the cache does: statistics, memory, Redis, channel, alerts, and advice in words. */
  report(): Report {
    return this.#parts.observer.report();
  }

  /** Whether the cache does what it is there for. Never a reason to take the service down: it works without its cache. */
  health(): Health {
    return this.#parts.observer.health();
  }

  /**
   * What an invalidation would reach, without doing it: cached templates, entries in L1, expected loads.
   * @param what as for `invalidate`, or an event with its data as for `emit`
   */
  preview(
    what: Invalidation | { readonly event: string; readonly data?: KeyValues | undefined },
  ): InvalidationPreview {
    const { engine, observer } = this.#parts;
    return observer.preview(
      'event' in what
        ? engine.event(what.event).map((bind) => bind(what.data ?? {}))
        : targetsOf(what, engine),
    );
  }

  /** What this process has invalidated lately, by whom and why. */
  get invalidations(): InvalidationHistory {
    return this.#parts.observer.invalidations;
  }

  /**
   * What is wrong, or suspicious, about all that decorators and the configuration declare until now: call it when every
   * class is loaded. The gravest first.
   * @throws CheckError (`TIERCEL_CHECK`) where there is a finding of the level `failOn` or graver
   */
  check(options: CheckOptions = {}): readonly Finding[] {
    return this.#parts.declared.check(options);
  }

  /** The methods that read, write and invalidate each template declared so far: as data, or as a string in a format. */
  map(): CacheMap;
  map(format: MapFormat): string;
  map(format?: MapFormat): CacheMap | string {
    return format === undefined ? this.#parts.declared.map() : this.#parts.declared.map(format);
  }

  /** Adds this cache's metrics to a prom-client registry; they are read when it is scraped. Default: prom-client's own. */
  metrics(registry?: Registry): Registry {
    return this.#parts.addMetrics(registry);
  }

  /**
   * What stands at a key in both tiers, whether it is valid, what was invalidated last, and what a read would do now. It asks
   * Redis, and changes and counts nothing. It holds ids, and no values.
   * @throws the errors of keys
   */
  async explain(key: Key, values?: KeyValues): Promise<Explanation> {
    return this.#parts.explain(keyText(key, values, this.#parts.engine));
  }
}
