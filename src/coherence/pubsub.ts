/**
 * The channel for servers that do not offer `CLIENT TRACKING`: it hears what the writers of the namespace announce
 * (`Announcer`), and nothing else. Connection, proof and loss are those of every channel.
 */
import type { Clock } from '../contract/clock';
import type { ChannelListener } from '../contract/coherence';
import { busOf, decodeNames } from './bus';
import { type ChannelOptions, SubscriberChannel } from './subscriber-channel';
import type { SubscriberClient } from './subscriber-client';

/**
 * The channel over pub/sub. Not covered, since nobody announces it: a foreign `DEL` or `SET`, expiry, eviction,
 * `FLUSHALL` and `FLUSHDB`, and a write whose announcement the server refused. Copies in L1 then live until their own
 * expiry.
 */
export class PubSubChannel extends SubscriberChannel {
  protected readonly transport = 'pubsub';
  readonly #bus: string;

  constructor(client: SubscriberClient, listener: ChannelListener, clock: Clock, options: ChannelOptions) {
    super(client, listener, clock, options);
    this.#bus = busOf(options.namespace);
  }

  protected async subscribe(client: SubscriberClient): Promise<void> {
    await client.subscribe(this.#bus);
  }

  /**
   * A message that cannot be read may stand for any change: during a deployment, another version of the toolkit may
   * have sent it.
   */
  protected heard(payload: unknown, listener: ChannelListener): boolean {
    const names = Buffer.isBuffer(payload) ? decodeNames(payload) : undefined;
    if (names === undefined) listener.flushed();
    else for (const name of names) listener.changed(name);
    return names !== undefined;
  }
}
