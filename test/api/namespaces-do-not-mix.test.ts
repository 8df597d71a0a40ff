import { expect } from 'chai';
import { NamespaceTakenError } from '../../src/contract/errors';
import { createCache } from '../../src/create';
import { Nodes, sharedRedis, useNodes } from '../support/nodes';

describe('namespaces', () => {
  const nodes = useNodes();

  it('P1: two caches with the same settings share one, and its entries', async () => {
    const redis = await sharedRedis();
    const [a, b] = [await nodes.node(redis), await nodes.node(redis)];
    await a.set('k', 'row');
    expect(await b.get('k')).to.equal('row');
  });

  it('P1: a second cache with other settings is refused with a coded error that names the namespace', async () => {
    await nodes.node(undefined);
    const second = () => createCache({ namespace: nodes.namespace, serializer: 'structured' });
    expect(second)
      .to.throw(NamespaceTakenError, nodes.namespace)
      .with.property('code', 'TIERCEL_NAMESPACE_TAKEN');
  });

  for (const [name, first, second] of [
    ['the serializer', { serializer: 'json' }, { serializer: 'structured' }],
    ['a custom serializer, by its tag', { serializer: custom('one') }, { serializer: custom('two') }],
    ['a preset', { ttl: { feed: 1 } }, { ttl: { feed: 2 } }],
    ['L1', { l1: { maxSize: 1 } }, { l1: { maxSize: 2 } }],
    ['protect', { protect: 'freeze' }, { protect: 'none' }],
  ] as const) {
    it(`P1: other settings are, among others, ${name}`, async () => {
      await nodes.node(undefined, first as object);
      const error = await nodes.node(undefined, second as object).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(NamespaceTakenError);
    });
  }

  it('P1: close gives the namespace back, but not before the last cache that uses it is closed', async () => {
    const [a, b] = [await nodes.node(undefined), await nodes.node(undefined)];
    await a.close();
    await a.close();
    const other = () => nodes.node(undefined, { serializer: 'structured' });
    expect(await other().catch((reason: unknown) => reason)).to.be.instanceOf(NamespaceTakenError);
    await b.close();
    await other();
  });

  it('a configuration that is refused takes no namespace', async () => {
    expect(() => createCache({ namespace: nodes.namespace, l1: { maxSize: -1 } })).to.throw();
    await nodes.node(undefined, { serializer: 'structured' });
  });

  it('P1: caches of different namespaces do not see each other, though one name begins with the other', async () => {
    const redis = await sharedRedis();
    const other = new Nodes();
    try {
      const [a, b] = [await nodes.node(redis), await other.node(redis)];
      const longer = await nodes.node(redis, { namespace: `${nodes.namespace}.eu` } as object);
      await a.set('k', 'row');
      expect([await b.get('k'), await longer.get('k')]).to.deep.equal([undefined, undefined]);
      await longer.delete('k');
      expect(await a.get('k')).to.equal('row');
    } finally {
      await other.close();
    }
  });

  it('P1: an entry stands in Redis under exactly the namespace and the key', async () => {
    const redis = await sharedRedis();
    const cache = await nodes.node(redis);
    await cache.set(['provider:<id>:stats', { id: 42 }], 'row');
    const client = nodes.client(redis);
    expect(await client.exists('provider:42:stats')).to.equal(1);
    expect(await client.del('provider:42:stats')).to.equal(1);
  });

  describe('raw keys', () => {
    for (const raw of [
      '<p:x',
      '<',
      'user:<ns',
      'a*b',
      '*',
      'a?b',
      'a[b]',
      '{tag}a',
      'a b',
      'a\nb',
      'a\r\nDEL x',
      '\u0000',
      'ключ\n',
      '\ud800',
    ]) {
      it(`P1: ${JSON.stringify(raw)} is stored under a name without a character that means something, and found by it`, async () => {
        const redis = await sharedRedis();
        const cache = await nodes.node(redis);
        expect(await cache.set(raw, 'row')).to.equal(true);
        expect(await cache.get(raw)).to.equal('row');
        const prefix = `${nodes.namespace}:`;
        const all = (await nodes.client(redis).call('KEYS', `${prefix}*`)) as string[];
        // The generation keys' names are the toolkit's own; patterns may be declared by classes of other tests.
        const names = all.filter((name) => !/^<(all$|patterns$|p:)/.test(name.slice(prefix.length)));
        expect(names).to.have.lengthOf(1);
        expect(names[0]?.slice(prefix.length)).to.not.match(/[<>*?[\]{}\\\s\p{Cc}]/u);
        expect([...(await cache.getMany([raw])).values()]).to.deep.equal(['row']);
        await cache.delete(raw);
        expect(await cache.get(raw)).to.equal(undefined);
      });
    }

    it('P1: an empty key is a coded error, and so is what is no key', async () => {
      const cache = await nodes.node(undefined);
      for (const wrong of ['', undefined, null, 42, {}, ['template'], [1, {}]]) {
        const calls = [
          () => cache.get(wrong as string),
          () => cache.set(wrong as string, 1),
          () => cache.delete(wrong as string),
          () => cache.getOrSet(wrong as string, async () => 1),
          () => cache.getMany([wrong as string]),
          () => cache.put(wrong as string, async () => 1),
        ];
        for (const call of calls) {
          const error = await call().catch((reason: unknown) => reason);
          expect(error, JSON.stringify(wrong)).to.have.property('code', 'TIERCEL_KEY');
        }
      }
    });
  });
});

function custom(tag: string) {
  return {
    tag,
    encode: (value: unknown) => JSON.stringify(value),
    decode: (bytes: Buffer) => JSON.parse(bytes.toString()) as unknown,
  };
}
