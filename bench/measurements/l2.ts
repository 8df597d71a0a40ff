/** Hits of L2, and what one writes there, against a client that does the same by hand. */
import type { Redis } from 'ioredis';
import { newClient } from '../by-hand';
import { type Figure, figureOf, type Measure } from '../contender';
import { compare, inWidth, timeText, turns } from '../slices';
import { at, IDS, KEYS, newCache, ProviderService, proofOf, type Stats, statsOf } from '../workload';

const ELAPSED = { time: 'elapsed', rounds: 101 } as const;
const WIDTHS = [1, 64] as const;
const value = statsOf('1');

export const measure: Measure = async (redisPort) => {
  const figures: Record<string, Figure> = {};
  // Too small for L1 to answer.
  const cache = await newCache({ redisPort, maxSize: 1 });
  const client = await newClient(redisPort);
  const service = new ProviderService();
  for (const id of IDS) {
    await Promise.all([service.stats(id), service.exact(id)]);
    await client.set(`hand:${id}`, JSON.stringify(value));
  }
  await cache.getMany(KEYS);
  const proof = proofOf(cache, 'l2');
  const read = async (id: string): Promise<Stats> => JSON.parse((await client.get(`hand:${id}`))!) as Stats;
  for (const width of WIDTHS) {
    const manner = width === 1 ? 'alone' : `${width} at a time`;
    const byHand = { run: inWidth(width, (step) => read(at(IDS, step))) };
    const options = { ...ELAPSED, width };
    figures[`L2 hit, exact, ${manner}`] = await compare(
      { proof, run: inWidth(width, (step) => service.exact(at(IDS, step))) },
      byHand,
      options,
    );
    figures[`L2 hit, usual, ${manner}`] = await compare(
      { proof, run: inWidth(width, (step) => service.stats(at(IDS, step))) },
      byHand,
      options,
    );
  }
  figures['put'] = await compare(
    { run: inWidth(1, (step) => cache.put(at(KEYS, step), async () => value, { ttl: 300 })) },
    { run: inWidth(1, (step) => client.set(`hand:${at(IDS, step)}`, JSON.stringify(value), 'PX', 300_000)) },
    ELAPSED,
  );
  figures['delete'] = await compare(
    { run: inWidth(1, (step) => cache.delete(at(KEYS, step))) },
    { run: inWidth(1, (step) => client.del(`hand:${at(IDS, step)}`)) },
    ELAPSED,
  );
  for (const count of [100, 10_000])
    figures[`getMany of ${count.toLocaleString('en')}`] = await bulk(redisPort, client, count);
  await cache.close();
  client.disconnect();
  return figures;
};

/** Against one `MGET` of all, and parsing. */
async function bulk(redisPort: number, client: Redis, count: number): Promise<Figure> {
  const cache = await newCache({ redisPort, maxSize: 1 });
  const keys = Array.from({ length: count }, (_, index) => `bulk:${count}:${index}`);
  await cache.setMany(
    keys.map((key) => [key, value] as const),
    { ttl: 300 },
  );
  const names = keys.map((key) => `hand:${key}`);
  await client.mset(...names.flatMap((name) => [name, JSON.stringify(value)]));
  const ratios: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < (count > 1_000 ? 15 : 101); round += 1) {
    const ofCache = await nsOf(async () => {
      const { size } = await cache.getMany(keys);
      if (size < count - 1) throw new Error(`${size} of ${count} keys were found`);
    });
    const byHand = await nsOf(async () => (await client.mget(names)).map((text) => JSON.parse(text!)));
    ratios.push(ofCache / byHand);
    times.push(ofCache);
  }
  await cache.close();
  return { ...figureOf(ratios), note: timeText(figureOf(times).value) };
}

async function nsOf(call: () => Promise<unknown>): Promise<number> {
  await turns();
  const startedAt = process.hrtime.bigint();
  await call();
  return Number(process.hrtime.bigint() - startedAt);
}
