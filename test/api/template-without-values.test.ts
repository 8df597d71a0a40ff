import { expect } from 'chai';
import type { TiercelCache } from '../../src/create';
import { useNodes } from '../support/nodes';

const T = 'user:<id>';
const load = async (): Promise<string> => 'row';

const CALLS: Readonly<Record<string, (cache: TiercelCache) => unknown>> = {
  get: (cache) => cache.get(T),
  peek: (cache) => cache.peek(T),
  set: (cache) => cache.set(T, 'row'),
  setMany: (cache) => cache.setMany([[T, 'row']]),
  getMany: (cache) => cache.getMany([T]),
  delete: (cache) => cache.delete(T),
  put: (cache) => cache.put(T, load),
  getOrSet: (cache) => cache.getOrSet(T, load),
  getOrSetMany: (cache) => cache.getOrSetMany([T], async () => ({})),
  invalidate: (cache) => cache.invalidate(T),
  around: (cache) => cache.around([T], load),
  'a tag': (cache) => cache.set('user:1', 'row', { tags: [T] }),
  'an optional placeholder': (cache) => cache.getOrSet('feed:<cursor?>', load),
  'a filter': (cache) => cache.getOrSet('user:<name|lower>', load),
};

describe('a template without its values', () => {
  const nodes = useNodes();

  for (const [name, call] of Object.entries(CALLS)) {
    it(`is refused by ${name}: as a key it would be one entry for all callers`, async () => {
      const cache = await nodes.node(undefined);
      const error = await (async () => call(cache))().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.have.property('code', 'TIERCEL_MISSING_VALUE');
    });
  }

  it('is an entry that failed to warm, and the event tells why', async () => {
    const cache = await nodes.node(undefined);
    const codes: unknown[] = [];
    cache.on('error', ({ error }) => codes.push((error as { code?: string }).code));
    expect(await cache.warm([{ key: T, load }])).to.include({ failed: 1, loaded: 0 });
    expect(codes).to.deep.equal(['TIERCEL_MISSING_VALUE']);
  });

  it('is accepted with them, and so is a string with brackets that is no template: the control', async () => {
    const cache = await nodes.node(undefined);
    expect(await cache.getOrSet([T, { id: 1 }], load)).to.equal('row');
    for (const key of ['a<b', '<', '<>', 'search:<a b>', 'x<id>', '<<id>>']) {
      expect(await cache.getOrSet(key, load)).to.equal('row');
    }
  });
});
