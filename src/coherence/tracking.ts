/**
 * Redis itself tells of every change under the namespace: by this toolkit, by an operator's `DEL`, by expiry, eviction
 * or a flush (P29). One RESP2 connection is both the one that tracks and the one that is told, so there is no second
 * one that could break unnoticed.
 */
import type { Clock } from '../contract/clock';
import type { ChannelListener } from '../contract/coherence';
import { type ChannelOptions, SubscriberChannel } from './subscriber-channel';
import type { SubscriberClient } from './subscriber-client';

/** Where Redis publishes the names of changed keys to clients that speak RESP2. */
const INVALIDATIONS = '__redis__:invalidate';

/**
 * The channel over `CLIENT TRACKING`: Redis 6 and later, and servers that speak like it. A process hears its own
 * writes too.
 */
export class TrackingChannel extends SubscriberChannel {
  protected readonly transport = 'tracking';
  readonly #prefix: string;
  readonly #prefixBytes: number;

  constructor(client: SubscriberClient, listener: ChannelListener, clock: Clock, options: ChannelOptions) {
    super(client, listener, clock, options);
    this.#prefix = `${options.namespace}:`;
    this.#prefixBytes = Buffer.byteLength(this.#prefix);
  }

  protected async subscribe(client: SubscriberClient): Promise<void> {
    const id = Number(await client.call('CLIENT', 'ID'));
    // Before SUBSCRIBE: a subscribed connection may not send it any more.
    await client.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', this.#prefix);
    await client.subscribe(INVALIDATIONS);
  }

  /** Names as Redis has them, or `null` where the server was emptied. */
  protected heard(payload: unknown, listener: ChannelListener): void {
    if (payload === null) {
      listener.flushed();
      return;
    }
    for (const name of payload as Buffer[]) listener.changed(name.toString('utf8', this.#prefixBytes));
  }
}
