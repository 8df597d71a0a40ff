/** The decorated services of the benchmark. Their methods are hardly ever to be reached while hits are measured. */
import { Cacheable } from '../src/decorators/cacheable';
import { type Stats, statsOf } from './workload';

export class ProviderService {
  /** Runs of the methods: loads. */
  loads = 0;

  @Cacheable('provider:<id>:stats', { ttl: 300 })
  async stats(id: string): Promise<Stats> {
    this.loads += 1;
    return statsOf(id);
  }
}

/** Of the reads. On a machine that stalls, some L2 reads miss their deadline, and their callers load for themselves. */
const MOST_MISSES = 0.05;

/** A benchmark of hits that measures misses must fail, not report. */
export function expectHits(reads: number, loads: number): void {
  if (loads > reads * MOST_MISSES)
    throw new Error(`${loads} of ${reads} reads were misses, where hits are to be measured`);
}
