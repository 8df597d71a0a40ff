/**
 * Adds caches to a prom-client registry and takes them out again. All caches of one registry share its metric objects;
 * each cache is a source that they read at a scrape. Nothing is counted here.
 *
 * prom-client is loaded only when its default registry is asked for. It is an optional peer, so an application without it
 * must be able to load this package, types included; and it takes 40 to 60 ms to load, as long as ioredis does.
 */
import type * as PromClient from 'prom-client';
import { MetricNameTakenError, PromClientMissingError } from '../../contract/errors';
import { CACHE_METRICS } from './cache-metrics';
import type { ObservedCache } from './observed-cache';
import { SCRAPED, ScrapedMetric } from './scraped-metric';

/**
 * A prom-client `Registry`, as far as it is used here and by those who serve a scrape. Written as a structure, because the
 * published types must not name a package that may not be installed.
 */
export interface Registry {
  /** The `Content-Type` of what `metrics()` resolves to. */
  readonly contentType: string;
  /** All metrics of the registry as text. */
  metrics(): Promise<string>;
  getSingleMetric(name: string): object | undefined;
  registerMetric(metric: object): void;
  removeSingleMetric(name: string): void;
}

const compileTimeCheck = (registry: PromClient.Registry): Registry => registry;
void compileTimeCheck;

/** Of each registry, what it shows of ours. */
const exhibits = new WeakMap<Registry, Exhibit>();
/** The registries that show a cache, and that it must be taken out of. */
const shownIn = new WeakMap<ObservedCache, Set<Exhibit>>();

/**
 * Shows the metrics of a cache in a registry. Adding a cache twice changes nothing.
 *
 * @param registry Default: prom-client's own, `register`.
 * @returns the registry
 * @throws PromClientMissingError (`TIERCEL_PROM_CLIENT_MISSING`) if no registry is given and prom-client is not installed;
 * MetricNameTakenError (`TIERCEL_METRIC_NAME_TAKEN`) if the registry has a metric of another owner under one of the names
 */
export function addMetrics(source: ObservedCache, registry: Registry = defaultRegistry()): Registry {
  let exhibit = exhibits.get(registry);
  if (exhibit === undefined) {
    exhibit = new Exhibit(registry);
    exhibits.set(registry, exhibit);
  }
  exhibit.add(source);
  const places = shownIn.get(source) ?? new Set();
  shownIn.set(source, places.add(exhibit));
  return registry;
}

/** Takes a cache out of every registry that shows it; with the last cache of a registry the metrics go, too. */
export function removeMetrics(source: ObservedCache): void {
  for (const exhibit of shownIn.get(source) ?? []) exhibit.remove(source);
  shownIn.delete(source);
}

class Exhibit {
  readonly #registry: Registry;
  readonly #sources = new Set<ObservedCache>();
  readonly #metrics = CACHE_METRICS.map((definition) => new ScrapedMetric(definition, this.#sources));

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  add(source: ObservedCache): void {
    // A registry that shows some of the metrics keeps the choice: its owner has removed the others.
    if (!this.#metrics.some((metric) => this.#shows(metric))) this.#open();
    this.#sources.add(source);
  }

  remove(source: ObservedCache): void {
    this.#sources.delete(source);
    if (this.#sources.size > 0) return;
    for (const metric of this.#metrics) {
      if (this.#shows(metric)) this.#registry.removeSingleMetric(metric.name);
    }
  }

  /** The first cache of a registry, or the first one since it was cleared. */
  #open(): void {
    for (const { name } of this.#metrics) {
      const metric = this.#registry.getSingleMetric(name);
      if (metric === undefined) continue;
      // After a hot reload the registry still shows the caches of the code from before.
      if (!(SCRAPED in metric)) throw nameTaken(name);
      this.#registry.removeSingleMetric(name);
    }
    this.#sources.clear();
    for (const metric of this.#metrics) this.#registry.registerMetric(metric);
  }

  #shows(metric: ScrapedMetric<ObservedCache>): boolean {
    return this.#registry.getSingleMetric(metric.name) === metric;
  }
}

function nameTaken(name: string): MetricNameTakenError {
  return new MetricNameTakenError({
    subject: name,
    expected: 'a registry in which this name is free',
    got: 'a metric that something else has registered',
    remedy: 'Give the cache a registry of its own, and merge the two for the scrape.',
  });
}

/** The registry of the application's own copy: a peer is resolved where the application has installed it. */
function defaultRegistry(): PromClient.Registry {
  try {
    const { register } = require('prom-client') as typeof PromClient;
    return register;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw cause;
    throw new PromClientMissingError({
      expected: 'prom-client to be installed',
      got: 'nothing of that name',
      remedy: 'Run npm install prom-client, or give the registry of the copy that the application uses.',
      cause,
    });
  }
}
