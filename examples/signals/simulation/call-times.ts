/** How long the calls of each method took, as their callers saw it, in ms: the last ones, however long a run is. */
const REMEMBERED = 200_000;

interface Durations {
  readonly ms: number[];
  count: number;
}

export class CallTimes {
  readonly #durations = new Map<string, Durations>();

  record(method: string, ms: number): void {
    const durations = this.#durations.get(method) ?? { ms: [], count: 0 };
    durations.ms[durations.count % REMEMBERED] = ms;
    durations.count += 1;
    this.#durations.set(method, durations);
  }

  /** The smallest time that at least this share of the calls did not exceed; 0 without calls. */
  percentile(method: string, percent: number): number {
    const sorted = this.#of(method).toSorted((a, b) => a - b);
    return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
  }

  /** 0 without calls. */
  mean(method: string): number {
    const times = this.#of(method);
    return times.reduce((sum, ms) => sum + ms, 0) / Math.max(1, times.length);
  }

  #of(method: string): readonly number[] {
    return this.#durations.get(method)?.ms ?? [];
  }
}
