/**
 * Which channel hears of the changes of one server: that of the configured transport, or for `'auto'` tracking with
 * pub/sub while the server refuses that. The connection of the writer is set up to announce its changes.
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
  readonly runOf: ChannelOptions['runOf'];
  readonly writer: {
    readonly client: PublisherClient;
    confirms: ChannelOptions['confirms'];
    onWrite: ((names: readonly string[], write: Promise<unknown>) => void) | undefined;
  };
}

export interface TransportOptions
  extends Pick<ChannelOptions, 'heartbeatMs' | 'stalenessBoundMs' | 'silenceMs' | 'onStrangeMessage'> {
  readonly transport: Transport;
  readonly onRefused: (reason: CoherenceRefusedError) => void;
}

export function newChannel(
  { namespace, newSubscriber, runOf, writer }: ChannelEnds,
  listener: ChannelListener,
  clock: Clock,
  options: TransportOptions,
): Channel {
  const { stalenessBoundMs, onRefused } = options;
  const announcer = new Announcer(writer.client, namespace, clock, stalenessBoundMs, onRefused);
  writer.onWrite = (names, write) => announcer.announce(names, write);
  const confirms = (run: string) => writer.confirms(run);
  const common = { ...options, namespace, runOf, confirms, onBeat: () => announcer.probe() };
  switch (options.transport) {
    case 'tracking':
      return new TrackingChannel(newSubscriber(), listener, clock, common);
    case 'pubsub':
      return new PubSubChannel(newSubscriber(), listener, clock, common);
    case 'auto':
      return new FallbackChannel(
        listener,
        clock,
        (hears, fallBack) =>
          new TrackingChannel(newSubscriber(), hears, clock, {
            ...common,
            whileRefused: 'this process hears by pub/sub of what others announce, and of nothing else',
            onRefused: (reason) => {
              onRefused(reason);
              fallBack();
            },
          }),
        // Processes that track learn within the bound that somebody listens, and announce from then on.
        (hears) =>
          new PubSubChannel(newSubscriber(), hears, clock, { ...common, unheardMs: 2 * stalenessBoundMs }),
      );
  }
}
