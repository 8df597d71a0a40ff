/** How long the calls of each method took, as their callers saw it, in ms. */
export class CallTimes {
  readonly #times = new Map<string, number[]>();

  record(method: string, ms: number): void {
    const times = this.#times.get(method);
    if (times === undefined) this.#times.set(method, [ms]);
    else times.push(ms);
  }

  /** The smallest time that at least this share of the calls did not exceed; 0 where there was none. */
  percentile(method: string, percent: number): number {
    const sorted = (this.#times.get(method) ?? []).toSorted((a, b) => a - b);
    return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
  }

  /** 0 where there was none. */
  mean(method: string): number {
    const times = this.#times.get(method) ?? [];
    return times.reduce((sum, ms) => sum + ms, 0) / Math.max(1, times.length);
  }
}
