import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { sharedRedis, useNodes } from '../../support/nodes';

/** What is read from L2 as this cannot even be looked at. */
const untouchable = (): object =>
  new Proxy(
    {},
    {
      getPrototypeOf() {
        throw new Error('do not look at me');
      },
    },
  );

describe('an exception while the reply of L2 is handled', () => {
  const nodes = useNodes();
  let cache: TiercelCache;
  let decode: (text: string) => unknown;

  beforeEach(async () => {
    decode = JSON.parse;
    const serializer = {
      tag: 'mine',
      encode: (value: unknown) => JSON.stringify(value),
      decode: (bytes: Buffer) => decode(bytes.toString()),
    };
    cache = await nodes.node(await sharedRedis(), { serializer });
    for (const event of ['error', 'foreign-value', 'garbled-value'] as const) {
      cache.on(event, () => {
        throw new Error('a listener of the application');
      });
    }
    await cache.setMany([
      ['a', 'one'],
      ['b', 'two'],
    ]);
  });

  const loaded = async () => 'loaded';
  const exactly = { tiers: 'l2' } as const;

  it('rejects the call and those that joined it, ends the flight, closes its fence, and harms no other read of the turn', async () => {
    decode = (text) => (text === '"one"' ? untouchable() : JSON.parse(text));
    const [first, joined, other] = await Promise.allSettled([
      cache.getOrSet('a', loaded, exactly),
      cache.getOrSet('a', loaded, exactly),
      cache.getOrSet('b', loaded, exactly),
    ]);
    for (const result of [first, joined]) {
      expect(String(result.status === 'rejected' && result.reason)).to.equal('Error: do not look at me');
    }
    expect(other).to.deep.equal({ status: 'fulfilled', value: 'two' });
    expect(cache.state).to.deep.equal({ flights: 0, fences: 0, outbox: 0 });
    decode = JSON.parse;
    expect(await cache.getOrSet('a', loaded, exactly)).to.equal('one');
  });

  it('is a miss where the serializer throws, whatever the listeners do', async () => {
    decode = () => {
      throw new Error('unreadable');
    };
    const values = await Promise.all(['a', 'b'].map((key) => cache.getOrSet(key, loaded, exactly)));
    expect(values).to.deep.equal(['loaded', 'loaded']);
    expect(cache.state).to.deep.equal({ flights: 0, fences: 0, outbox: 0 });
  });

  it('does not happen to a value that can be read (control)', async () => {
    expect(await Promise.all(['a', 'b'].map((key) => cache.getOrSet(key, loaded, exactly)))).to.deep.equal([
      'one',
      'two',
    ]);
  });
});
