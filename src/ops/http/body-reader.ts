/**
 * Reads a stream to its end within a limit of bytes and of time, and leaves nothing on it: no listener, no timer. A client
 * that sends nothing, or never stops, costs one promise until the deadline.
 */
import type { Readable } from 'node:stream';
import { type Clock, systemClock } from '../../contract/clock';
import type { Body } from './endpoint-request';
import { LARGEST_BODY, tooLarge } from './json-body';
import { Refusal } from './refusal';

const DEADLINE_MS = 10_000;

/** @throws Refusal if the body is too large, too slow or ends early; the stream is then left unread, not destroyed */
export function readBody(stream: Readable, clock: Clock = systemClock): Promise<Body> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const settle = (conclude: () => void): void => {
      clock.clearTimeout(timer);
      stream.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      // Whatever still comes: an error without a listener would end the process.
      stream.on('error', () => {});
      conclude();
    };
    const onData = (chunk: Uint8Array): void => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > LARGEST_BODY) settle(() => reject(tooLarge()));
    };
    const onEnd = (): void =>
      settle(() =>
        resolve(length === 0 ? { kind: 'none' } : { kind: 'bytes', bytes: Buffer.concat(chunks) }),
      );
    const onClose = (): void =>
      settle(() => reject(new Refusal('TIERCEL_HTTP_BAD_REQUEST', 'The body ended early.')));
    const timer = clock.setTimeout(
      () => settle(() => reject(new Refusal('TIERCEL_HTTP_TIMEOUT', 'The body took too long.'))),
      DEADLINE_MS,
    );
    timer.unref?.();
    stream.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
    // Closed before anybody listened: no event will come.
    if (stream.destroyed) onClose();
  });
}
