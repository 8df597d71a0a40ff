/**
 * Redis itself reports every change under the namespace: by this toolkit, by an operator's `DEL`, by expiry, eviction or
 * a flush (channel, P29). One RESP2 connection both tracks and listens, so no second one can break unnoticed.
 */
import type { Clock } from '../contract/clock';
import type { ChannelListener } from '../contract/coherence';
import { type ChannelOptions, SubscriberChannel } from './subscriber-channel';
import type { SubscriberClient } from './subscriber-client';

/** The channel on which Redis publishes the names of changed keys to RESP2 clients. */
export const INVALIDATIONS = '__redis__:invalidate';

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

  /**
   * Names of changed keys, or `null` if the server was emptied. Redis sends nothing else, but any client may publish on
   * this channel: what is not a list did not come from Redis, and says nothing about a change.
   */
  protected heard(payload: unknown, listener: ChannelListener): boolean {
    if (payload === null) {
      listener.flushed();
      return true;
    }
    if (!Array.isArray(payload) || !payload.every(Buffer.isBuffer)) return false;
    for (const name of payload as Buffer[]) listener.changed(name.toString('utf8', this.#prefixBytes));
    return true;
  }
}
