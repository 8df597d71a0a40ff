/** Values that can be read once reach their caller, and only that caller. */
import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import type { CacheEvents } from '../../../src';
import type { TiercelCache } from '../../../src/create';
import { uncacheableKind } from '../../../src/engine/entry/uncacheable';
import { onBothTiers, useNodes } from '../../support/nodes';

const VALUES: readonly (readonly [name: string, make: () => unknown])[] = [
  ['a stream', () => Readable.from(['x'])],
  ['a web stream', () => new ReadableStream()],
  ['an iterator', () => [1][Symbol.iterator]()],
  [
    'an async generator',
    () =>
      (async function* () {
        yield 1;
      })(),
  ],
  ['a function', () => () => 1],
  ['a socket', () => new Socket()],
  ['an emitter', () => new EventEmitter()],
  ['a response', () => new Response('x')],
];

onBothTiers(({ where, redis }) => {
  describe(`a value that can be read once (${where})`, () => {
    const nodes = useNodes();
    let faults: CacheEvents['error'][];
    const node = async (config: object = {}): Promise<TiercelCache> => {
      const cache = await nodes.node(await redis(), config);
      faults = [];
      cache.on('error', (fault) => faults.push(fault));
      return cache;
    };

    for (const [name, make] of VALUES) {
      it(`${name} is returned, never stored, and reported once, so no later caller gets a spent one`, async () => {
        const cache = await node();
        const first = await cache.getOrSet('k', make);
        const second = await cache.getOrSet('k', make);
        expect(second).not.to.equal(first);
        expect(uncacheableKind(second)).to.be.a('string');
        expect(await cache.set('k', make())).to.equal(false);
        expect(await cache.get('k')).to.equal(undefined);
        const codes = faults.map(({ method, error }) => [method, (error as { code?: string }).code]);
        expect(codes).to.deep.equal([
          ['getOrSet', 'TIERCEL_UNCACHEABLE'],
          ['set', 'TIERCEL_UNCACHEABLE'],
        ]);
      });
    }

    for (const options of [{}, { tiers: 'l1' }, { tiers: 'l2' }] as const) {
      it(`two callers at the same time get one stream each, which each can read (${JSON.stringify(options)})`, async () => {
        const cache = await node({ protect: 'clone' });
        const load = async () => Readable.from(['report']);
        const streams = await Promise.all([1, 2, 3].map(() => cache.getOrSet('k', load, options)));
        expect(await Promise.all(streams.map((stream) => text(stream)))).to.deep.equal([
          'report',
          'report',
          'report',
        ]);
      });
    }

    it('plain data, instances and buffers are stored (control)', async () => {
      const cache = await node();
      for (const value of [{ next: { id: 1 } }, [1], 'x', new Date(0), Buffer.from('a'), new Map()]) {
        expect(uncacheableKind(value)).to.equal(undefined);
        expect(await cache.set('k', value)).to.equal(true);
      }
      expect(faults).to.deep.equal([]);
    });
  });
});
