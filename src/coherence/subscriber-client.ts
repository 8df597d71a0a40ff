/**
 * The part of an ioredis client that the coherence room uses, as a structure: `compileTimeCheck` below fails to compile
 * when a `Redis` no longer fits it.
 */
import type { Redis } from 'ioredis';

/**
 * The connection that hears. It belongs to the channel alone: RESP2 (`protocol: 2`), `lazyConnect`, no offline queue,
 * no `autoResubscribe`, no `keyPrefix`, a `retryStrategy` that never gives up, and a `socketTimeout` that is off or not
 * shorter than the channel's `silenceMs`, or a short hang of Redis costs the connection and so all of L1.
 */
export interface SubscriberClient {
  readonly stream?: { destroy(): unknown; unref?(): unknown };
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  ping(): Promise<unknown>;
  on(event: string, listener: (...args: any[]) => void): unknown;
  connect(): Promise<void>;
  disconnect(): void;
}

/** The connection that writes, for a transport where the writer tells the others. */
export interface PublisherClient {
  publish(channel: string, message: string): Promise<number>;
}

const compileTimeCheck = (client: Redis): SubscriberClient & PublisherClient => client;
void compileTimeCheck;
