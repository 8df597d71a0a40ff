/** The decorated services of the benchmark. Their methods must not be reached while hits are measured. */
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

  @Cacheable('provider:<id>:stats', { ttl: 300, tiers: 'l2' })
  async sharedStats(id: string): Promise<Stats> {
    this.loads += 1;
    return statsOf(id);
  }
}

/** A benchmark of hits that measures misses must fail, not report. */
export function expectNoLoads({ loads }: ProviderService, before: number): void {
  if (loads !== before)
    throw new Error(`${loads - before} reads were misses, where only hits are to be measured`);
}
