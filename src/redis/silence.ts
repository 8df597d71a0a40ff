/**
 * Ends a connection whose server says nothing for too long while a command waits, in the handshake too (P35). ioredis has
 * such a limit, but after a stall of the event loop its timer runs before the socket is read: it would end a connection
 * whose replies are here.
 */
import { type Clock, every, type Timer } from '../contract/clock';
import type { RedisLike } from './redis-like';

// See guards/deadline.ts.
const { setImmediate } = globalThis;

/** Within the limit. */
const LOOKS = 4;

/** @param leavingMs how much longer it may take because of what is still being sent */
export function endIfSilent(client: RedisLike, clock: Clock, ms: number, leavingMs: () => number): Timer {
  let received = -1;
  let since = 0;
  const look = (): void => {
    const { stream, commandQueue } = client;
    if (stream === undefined) return;
    const now = clock.now();
    if (commandQueue.length === 0 || stream.bytesRead !== received) {
      received = stream.bytesRead;
      since = now;
    } else if (now - since >= ms + leavingMs()) {
      stream.destroy(new Error(`no data within ${ms} ms`));
    }
  };
  client.on('connect', () => {
    received = -1;
  });
  return every(clock, ms / LOOKS, () => setImmediate(look));
}
