/**
 * Compares the walks of ARCHITECTURE.md with what runs: each lists the source files of which a function is called, as V8
 * counts it. A single call may be late or meet a heartbeat, so each walk is taken several times.
 */
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { TiercelCache } from '../../src/create';
import { CacheInvalidate } from '../../src/decorators/cache-invalidate';
import { Cacheable } from '../../src/decorators/cacheable';
import { heard, inL1, sharedRedis, useNodes } from '../support/nodes';
import { longerThan } from '../support/pace';
import { codes, section } from './markdown';

const ROOT = join(__dirname, '..', '..');
const WALKS = section(readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8'), 'Four walks');
const TIMES = 9;
/** While the event loop stalls the channel is not trusted, and other files are called: then a walk is taken again. */
const ATTEMPTS = 5;

/** The source files that a walk names, below `src`. */
function listed(title: string): string[] {
  return codes(section(WALKS, title)).filter((code) => /^[\w-]+(\/[\w-]+)*\.ts$/.test(code));
}

/** What a decorator declares holds for every cache of the process: no other test has such keys. */
class Providers {
  @Cacheable('walk:<id>:stats', { ttl: 60 })
  async stats(id: string): Promise<string> {
    return id;
  }

  @CacheInvalidate(['walk:<id>:*'])
  async remove(id: string): Promise<string> {
    return id;
  }
}

/** Counts the calls of functions, and gives the files that they are in. */
class Calls {
  readonly #session = new Session();
  #turns = 0;

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  }

  /** The files in which something was called since the last time. */
  async files(): Promise<string[]> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    return result
      .filter(({ functions }) => functions.some(({ ranges }) => ranges[0]!.count > 0))
      .flatMap(({ url }) => /\/src\/(.+\.ts)$/.exec(decodeURI(url))?.[1] ?? [])
      .filter((file) => !file.includes('node_modules'));
  }

  /** The files of several takes of one walk, each with a number of its own: those of any take, and those of most. */
  async of(walk: (turn: number) => Promise<unknown>, before: (turn: number) => Promise<unknown>) {
    const seen = new Map<string, number>();
    for (let taken = 0; taken < TIMES; taken += 1) {
      this.#turns += 1;
      await before(this.#turns);
      await this.files();
      await walk(this.#turns);
      for (const file of new Set(await this.files())) seen.set(file, (seen.get(file) ?? 0) + 1);
    }
    const most = [...seen].filter(([, count]) => count > TIMES / 2).map(([file]) => file);
    return { any: [...seen.keys()], most };
  }

  stop(): void {
    this.#session.disconnect();
  }
}

describe('the walks of ARCHITECTURE.md', () => {
  const nodes = useNodes(after);
  const providers = new Providers();
  const calls = new Calls();
  let cache: TiercelCache;
  /** What runs by itself: the heartbeat and the watch over the event loop. */
  let idle: readonly string[];

  before(async () => {
    cache = await nodes.node(await sharedRedis(), {}, { default: true });
    for (const id of ['first', 'second']) {
      await providers.stats(id);
      await providers.remove(id);
    }
    await calls.start();
    idle = (
      await calls.of(
        () => longerThan(30),
        async () => undefined,
      )
    ).any;
  });
  after(() => calls.stop());

  async function compare(
    title: string,
    known: readonly string[],
    walk: (turn: number) => Promise<unknown>,
    before: (turn: number) => Promise<unknown> = () => heard(cache),
  ): Promise<void> {
    const files = listed(title);
    expect(files.length, title).to.be.greaterThan(5);
    const expected = [...known, ...files, ...idle];
    let missing: readonly string[] = [];
    let surplus: readonly string[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { any, most } = await calls.of(walk, before);
      missing = most.filter((file) => !expected.includes(file));
      surplus = files.filter((file) => ![...any, ...idle].includes(file));
      if (missing.length + surplus.length === 0) return;
    }
    expect(missing, `${title}: missing in the list`).to.deep.equal([]);
    expect(surplus, `${title}: listed, and not called`).to.deep.equal([]);
  }

  it('lists the files of an L1 hit', async () => {
    await compare(
      'An L1 hit',
      [],
      () => providers.stats('hot'),
      () => inL1(cache, 'walk:hot:stats', () => providers.stats('hot')),
    );
  });

  it('lists the files of an L2 hit', async () => {
    // Until the method expects hits, and reads.
    const client = nodes.client(await sharedRedis());
    await providers.stats('often');
    for (let hit = 0; hit < 60; hit += 1) {
      await client.pexpire('walk:often:stats', 60_000 + hit);
      await heard(cache);
      await providers.stats('often');
    }
    await compare(
      'An L2 hit',
      listed('An L1 hit'),
      (turn) => providers.stats(`warm${turn}`),
      async (turn) => {
        const key = `walk:warm${turn}:stats`;
        await inL1(cache, key, () => providers.stats(`warm${turn}`));
        // A change that leaves the entry as it is.
        await nodes.client(await sharedRedis()).persist(key);
        await heard(cache);
      },
    );
  });

  it('lists the files of a miss', async () => {
    await compare('A miss', [...listed('An L1 hit'), ...listed('An L2 hit')], async (turn) => {
      await providers.stats(`cold${turn}`);
      await longerThan(10);
    });
  });

  it('lists the files of an invalidated pattern', async () => {
    const remove = async (turn: number) => {
      await providers.remove(`gone${turn}`);
      await longerThan(10);
    };
    // Redis reports the removal of a generation key only if there was one.
    await compare('Invalidating a pattern', [], remove, async (turn) => {
      await inL1(cache, `walk:gone${turn}:stats`, () => providers.stats(`gone${turn}`));
      // The background reads have come to rest.
      await longerThan(10);
    });
  });
});
