import { tracingChannel } from 'node:diagnostics_channel';
import { expect } from 'chai';
import type { TiercelCache } from '../../../src/create';
import { useNodes } from '../../support/nodes';

type Event = 'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error';

/** Writes down what a channel tells until it is stopped. */
class Listener {
  readonly heard: { readonly event: Event; readonly data: Record<string, unknown> }[] = [];
  readonly #stop: () => void;

  constructor(name: string) {
    const on = (event: Event) => (data: unknown) => {
      this.heard.push({ event, data: { ...(data as object) } });
    };
    const handlers = {
      start: on('start'),
      end: on('end'),
      asyncStart: on('asyncStart'),
      asyncEnd: on('asyncEnd'),
      error: on('error'),
    };
    const channel = tracingChannel<string, object>(name);
    channel.subscribe(handlers);
    this.#stop = () => channel.unsubscribe(handlers);
  }

  /** The data at each end. */
  get ended(): Record<string, unknown>[] {
    return this.heard.filter(({ event }) => event === 'asyncEnd').map(({ data }) => data);
  }

  stop(): void {
    this.#stop();
  }
}

describe('the tracing channels', () => {
  const nodes = useNodes(after);
  let cache: TiercelCache;
  let listeners: Listener[];

  before(async () => {
    cache = await nodes.node(undefined, { events: { changed: ['item:<id>'] } });
  });

  beforeEach(() => {
    listeners = [];
  });

  afterEach(() => {
    for (const listener of listeners) listener.stop();
  });

  function listen(name: string): Listener {
    const listener = new Listener(name);
    listeners.push(listener);
    return listener;
  }

  it('report a load, and no hit', async () => {
    const loads = listen('tiercel:load');
    await cache.getOrSet('item:1', async () => 'one', { name: 'items' });
    await cache.getOrSet('item:1', async () => 'two', { name: 'items' });
    expect(loads.ended).to.deep.equal([
      { cache: cache.namespace, method: 'items', keys: ['item:1'], result: 'one' },
    ]);
  });

  it('report a load that fails, whose error reaches the caller unchanged', async () => {
    const loads = listen('tiercel:load');
    const failure = new Error('no database');
    const caught = await cache
      .getOrSet('item:2', () => {
        throw failure;
      })
      .catch((error: unknown) => error);
    expect(caught).to.equal(failure);
    expect(loads.heard.map(({ event }) => event)).to.include('error');
    expect(loads.ended[0]).to.include({ error: failure });
  });

  it('report many keys that are loaded together as one load', async () => {
    const loads = listen('tiercel:load');
    await cache.getOrSetMany(['item:3', 'item:4'], async (keys) => new Map(keys.map((key) => [key, key])));
    expect(loads.ended.map(({ keys }) => keys)).to.deep.equal([['item:3', 'item:4']]);
  });

  it('report writes, and invalidations by hand with their event', async () => {
    const writes = listen('tiercel:write');
    const invalidations = listen('tiercel:invalidate');
    await cache.put('item:5', async () => 5, { name: 'update' });
    await cache.emit('changed', { id: 5 });
    await cache.delete('item:5');
    await cache.clear();
    await cache.around(['item:5'], async () => 5);
    expect(writes.ended[0]).to.deep.include({ method: 'update', patterns: ['item:5'], result: 5 });
    expect(writes.ended[1]).to.deep.include({ method: 'around', patterns: ['item:5'] });
    expect(invalidations.ended.map(({ method, event, patterns }) => [method, event, patterns])).to.deep.equal(
      [
        ['changed', 'changed', ['item:5']],
        ['delete', undefined, ['item:5']],
        ['clear', undefined, ['*']],
      ],
    );
  });

  it('change nothing for the caller while nobody listens', async () => {
    listen('tiercel:load').stop();
    expect(await cache.getOrSet('item:6', () => 'six')).to.equal('six');
  });
});
