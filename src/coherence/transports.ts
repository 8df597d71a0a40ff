/**
 * Which channel hears of the changes of one server: that of the configured transport, or for `'auto'` tracking with
 * pub/sub if the server refuses that. If writers must announce their changes, their connection is set up to do so.
 */
import type { Clock } from '../contract/clock';
import type { Channel, ChannelListener } from '../contract/coherence';
import type { CoherenceRefusedError } from '../contract/errors';
import { Announcer } from './announcer';
import { FallbackChannel } from './fallback';
import { PubSubChannel } from './pubsub';
import type { ChannelOptions } from './subscriber-channel';
import type { PublisherClient, SubscriberClient } from './subscriber-client';
import { TrackingChannel } from './tracking';

export type Transport = 'auto' | 'tracking' | 'pubsub';

/** The server's side of a channel: who writes to it, and how to hear from it. */
export interface ChannelEnds {
  /** What precedes the names of the cache in Redis, without the colon. */
  readonly namespace: string;
  /** Makes a client that is not connected yet. */
  readonly newSubscriber: () => SubscriberClient;
  readonly writer: {
    readonly client: PublisherClient;
    onWrite: ((names: readonly string[], write: Promise<unknown>) => void) | undefined;
  };
}

export interface TransportOptions extends Omit<ChannelOptions, 'namespace'> {
  readonly transport: Transport;
  readonly onRefused: (reason: CoherenceRefusedError) => void;
}

export function newChannel(
  { namespace, newSubscriber, writer }: ChannelEnds,
  listener: ChannelListener,
  clock: Clock,
  options: TransportOptions,
): Channel {
  const tracking = (onRefused: TransportOptions['onRefused']) =>
    new TrackingChannel(newSubscriber(), listener, clock, { ...options, namespace, onRefused });
  const pubsub = () => {
    const announcer = new Announcer(writer.client, namespace, options.onRefused);
    writer.onWrite = (names, write) => announcer.announce(names, write);
    return new PubSubChannel(newSubscriber(), listener, clock, { ...options, namespace });
  };
  switch (options.transport) {
    case 'tracking':
      return tracking(options.onRefused);
    case 'pubsub':
      return pubsub();
    case 'auto':
      return new FallbackChannel(tracking, pubsub);
  }
}
