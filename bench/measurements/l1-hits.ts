/** Hits of L1: with Redis, or without it if the port is 0. */
import { HandWritten } from '../by-hand';
import type { Figure, Measure } from '../contender';
import { compare, inWidth } from '../slices';
import { allInL1, at, IDS, KEYS, newCache, ProviderService, proofOf, type Stats, statsOf } from '../workload';

const CPU = { time: 'cpu' } as const;

export const measure: Measure = async (redisPort) => {
  const figures: Record<string, Figure> = {};
  const where = redisPort === 0 ? 'without Redis' : 'with Redis';
  const cache = await newCache({ redisPort });
  const service = new ProviderService();
  await allInL1(cache, service);
  const hand = new HandWritten();
  const proof = proofOf(cache, 'l1');

  const decorated = (idAt: (step: number) => string): Promise<Figure> =>
    compare(
      { proof, run: inWidth(1, (step) => service.stats(idAt(step))) },
      { run: inWidth(1, (step) => hand.stats(idAt(step))) },
      CPU,
    );
  figures[`decorated L1 hit, ${where}`] = await decorated((step) => at(IDS, step));
  figures[`the same, ids are new strings, ${where}`] = await decorated((step) => newString(at(IDS, step)));
  if (redisPort !== 0) {
    await cache.close();
    return figures;
  }

  const byHand = { run: inWidth(1, (step) => hand.get(at(KEYS, step))) };
  const load = async () => statsOf('never');
  figures['cache.getOrSet, L1 hit'] = await compare(
    { proof, run: inWidth(1, (step) => cache.getOrSet(at(KEYS, step), load, { ttl: 300 })) },
    byHand,
    CPU,
  );
  figures['cache.get, L1 hit'] = await compare(
    { proof, run: inWidth(1, (step) => cache.get(at(KEYS, step))) },
    byHand,
    CPU,
  );
  figures['peek, L1 hit'] = await compare(
    {
      run(times) {
        let trades = 0;
        for (let step = 0; step < times; step += 1) trades += cache.peek<Stats>(at(KEYS, step))!.trades;
        return trades;
      },
    },
    {
      run(times) {
        let trades = 0;
        for (let step = 0; step < times; step += 1) trades += hand.lru.get(at(KEYS, step))!.trades;
        return trades;
      },
    },
    CPU,
  );
  await cache.close();
  return figures;
};

/** One that no map has seen yet, as an id that was parsed from a request. */
function newString(text: string): string {
  return Buffer.from(text).toString();
}
