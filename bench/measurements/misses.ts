/** Misses of both tiers: their time, the round trips until a call returns, and what the reads after a load find. */
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { TiercelCache } from '../../src/create';
import { newClient } from '../by-hand';
import { type Figure, figureOf, type Measure } from '../contender';
import { compare, inWidth } from '../slices';
import { newCache, proofOf, statsOf } from '../workload';

const value = statsOf('1');
const load = async () => value;
const COUNTED = 20;

export const measure: Measure = async (redisPort) => {
  const figures: Record<string, Figure> = {};
  const cache = await newCache({ redisPort });
  const client = await newClient(redisPort);
  let keys = 0;
  const miss = () => {
    keys += 1;
    return cache.getOrSet(`missed:${keys}`, load, { ttl: 300 });
  };
  const byHand = async () => {
    keys += 1;
    const name = `hand:${keys}`;
    if ((await client.get(name)) === null)
      await client.set(name, JSON.stringify(await load()), 'PX', 300_000);
    return value;
  };
  for (const width of [1, 64]) {
    figures[`miss, ${width === 1 ? 'alone' : `${width} at a time`}`] = await compare(
      { proof: proofOf(cache, 'loaded'), run: inWidth(width, miss) },
      { run: inWidth(width, byHand) },
      { time: 'elapsed', rounds: 101, width },
    );
  }
  figures['miss: round trips until the call returns'] = await tripsOf(
    redisPort,
    miss,
    () => `missed:${keys}`,
  );
  for (const ms of [5, 2])
    figures[`1 load, then 3 reads ${ms} ms apart: L1 hits`] = await hitsAfterLoad(cache, ms);
  await cache.close();
  client.disconnect();
  return figures;
};

/** As Redis reports its commands (MONITOR): what names the key until the call returns, scripts counted once. */
async function tripsOf(redisPort: number, miss: () => Promise<unknown>, key: () => string): Promise<Figure> {
  const control = new Redis(redisPort);
  const monitor = await control.monitor();
  let sent: string[] = [];
  let ended = '';
  let tell = (): void => {};
  let returnedAt = Number.POSITIVE_INFINITY;
  monitor.on('monitor', (seconds: string, [command, ...rest]: string[], source: string) => {
    if (rest.includes(ended)) tell();
    else if (Number(seconds) * 1_000 > returnedAt) return;
    else if (source !== 'lua' && rest.some((name) => name.endsWith(`:${key()}`))) sent.push(command!);
  });
  const counts: number[] = [];
  let commands = '';
  for (let round = 0; round < COUNTED; round += 1) {
    sent = [];
    ended = `end of miss ${round}`;
    const seen = new Promise<void>((resolve) => {
      tell = resolve;
    });
    returnedAt = Number.POSITIVE_INFINITY;
    await miss();
    returnedAt = performance.timeOrigin + performance.now();
    await control.echo(ended);
    await seen;
    counts.push(sent.length);
    commands = sent.join(', ');
  }
  monitor.disconnect();
  control.disconnect();
  return { ...figureOf(counts), note: commands };
}

async function hitsAfterLoad(cache: TiercelCache, ms: number): Promise<Figure> {
  const counts: number[] = [];
  for (let round = 0; round < COUNTED; round += 1) {
    const key = `again:${ms}:${round}`;
    await cache.getOrSet(key, load, { ttl: 300 });
    const before = cache.stats().calls.l1;
    for (let read = 0; read < 3; read += 1) {
      await pause(ms);
      await cache.getOrSet(key, load, { ttl: 300 });
    }
    counts.push(cache.stats().calls.l1 - before);
  }
  return figureOf(counts);
}
