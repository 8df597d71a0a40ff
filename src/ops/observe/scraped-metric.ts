/**
 * A metric that has no value of its own: it is read from the caches at the moment of a scrape. To a prom-client registry
 * it looks like one of its own metrics. Counting in prom-client's Counter and Histogram would cost a label lookup on
 * every call of a cached method; this costs nothing until somebody scrapes.
 */

export interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Of a histogram's series: the metric's name with `_bucket`, `_sum` or `_count`. */
  readonly metricName?: string;
}

export interface MetricDefinition<Source> {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** How prom-client's cluster registry joins the values of its workers. */
  readonly aggregator: 'sum' | 'average' | 'min' | 'max';
  samples(sources: Iterable<Source>): Sample[];
}

/** Marks the metrics of every copy of this package. */
export const SCRAPED = Symbol.for('tiercel.scraped');

export class ScrapedMetric<Source> {
  readonly [SCRAPED] = true;
  readonly help: string;
  readonly type: MetricDefinition<Source>['type'];
  readonly aggregator: MetricDefinition<Source>['aggregator'];
  readonly #definition: MetricDefinition<Source>;
  readonly #sources: Iterable<Source>;
  #nameOfScrape: string | undefined;

  constructor(definition: MetricDefinition<Source>, sources: Iterable<Source>) {
    this.help = definition.help;
    this.type = definition.type;
    this.aggregator = definition.aggregator;
    this.#definition = definition;
    this.#sources = sources;
  }

  get name(): string {
    return this.#definition.name;
  }

  /**
   * Before an OpenMetrics scrape reads a counter, the registry renames it: without `_total`, which it appends itself.
   * The new name is for that reading only, so that the same registry can go back to the Prometheus format.
   */
  set name(name: string) {
    this.#nameOfScrape = name;
  }

  async get() {
    const { help, type, aggregator } = this;
    const name = this.#nameOfScrape ?? this.name;
    this.#nameOfScrape = undefined;
    return { name, help, type, aggregator, values: this.#definition.samples(this.#sources) };
  }

  /** `registry.resetMetrics()` calls this; what is shown are the counts of the caches, which are not the registry's to reset. */
  reset(): void {}
}
