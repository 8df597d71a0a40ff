/**
 * `invalidate('feed:*')` over few and over many entries: its time and its commands, as Redis itself reports them (MONITOR).
 * The entries are copies of a real one, made inside the server: each is valid until the pattern is invalidated.
 */
import { Redis } from 'ioredis';
import { createCache, type TiercelCache } from '../../src/create';
import { type Figure, figureOf, type Measure } from '../contender';
import { timeText } from '../slices';

const FEW = 1_000;
const MANY = 1_000_000;
const ROUNDS = 200;
const COPIES_PER_SCRIPT = 50_000;

const COPY = `
local v = redis.call('GET', KEYS[1])
for i = ARGV[1], ARGV[2] do redis.call('SET', KEYS[1] .. i, v, 'PX', 600000) end`;

/** The time over many entries by that over few. */
export const measure: Measure = async (redisPort) => {
  const few = await ofGroup(redisPort, FEW);
  const many = await ofGroup(redisPort, MANY);
  const times = [few, many].map(({ us }) => timeText(us.value * 1_000)).join(' and ');
  return {
    'group over 1,000,000 entries : over 1,000': {
      value: many.us.value / few.us.value,
      note: `${times}; ${many.commands.length} command: ${many.commands.join(', ')}`,
    },
  };
};

interface GroupInvalidation {
  readonly us: Figure;
  /** Commands of one invalidation; what a script runs inside the server is no round trip. */
  readonly commands: readonly string[];
}

async function ofGroup(redisPort: number, entries: number): Promise<GroupInvalidation> {
  const namespace = `groups${entries}`;
  const config = {
    namespace,
    patterns: ['feed:*'],
    l2: { host: '127.0.0.1', port: redisPort, deadline: '400ms' },
  } as const;
  const control = new Redis(redisPort);
  const filler = createCache(config, { default: false });
  await filler.ready();
  await filler.getOrSet('feed:0', async () => ({ title: 'a signal' }), { ttl: '10m' });
  await filler.close();
  for (let from = 1; from < entries; from += COPIES_PER_SCRIPT) {
    const to = Math.min(from + COPIES_PER_SCRIPT, entries) - 1;
    await control.eval(COPY, 1, `${namespace}:feed:0`, from, to);
  }
  const cache = createCache(config, { default: false });
  try {
    await cache.ready();
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // Makes the generation key again, so that there is something to invalidate.
      await cache.getOrSet('feed:0', async () => round);
      const startedAt = process.hrtime.bigint();
      await cache.invalidate('feed:*');
      times.push(Number(process.hrtime.bigint() - startedAt) / 1_000);
    }
    return { us: figureOf(times), commands: await commandsOf(control, cache, namespace) };
  } finally {
    await cache.close();
    control.disconnect();
  }
}

async function commandsOf(
  control: Redis,
  cache: TiercelCache,
  namespace: string,
): Promise<readonly string[]> {
  await cache.getOrSet('feed:0', async () => 'again');
  const monitor = await control.monitor();
  const sent: string[] = [];
  const allSeen = new Promise<void>((resolve) => {
    monitor.on('monitor', (_time: string, [command, ...rest]: string[], source: string) => {
      const isOurs = rest.some((argument) => argument.startsWith(`${namespace}:`));
      if (isOurs && source !== 'lua') sent.push(command!.toUpperCase());
      if (rest.includes('end of the invalidation')) resolve();
    });
  });
  await cache.invalidate('feed:*');
  await control.echo('end of the invalidation');
  await allSeen;
  monitor.disconnect();
  return sent;
}
