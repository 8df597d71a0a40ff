/**
 * Bulk work in chunks, one after the other. Each chunk of commands has a deadline of its own, and the event loop turns
 * in between: 100,000 keys neither miss one deadline together nor hold up everything else.
 */

// Captured at load, as the clock's timers are: a test's fake timers must not stop it (P42).
const { setImmediate } = globalThis;

/** Large enough to fill a write to the socket, and about 5 ms of work. */
const CHUNK = 256;

/** The first chunk begins at once. */
export async function inChunks<T>(
  items: readonly T[],
  work: (chunk: readonly T[]) => Promise<unknown> | undefined,
  size = CHUNK,
): Promise<void> {
  if (items.length <= size) {
    await work(items);
    return;
  }
  for (let at = 0; at < items.length; at += size) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    await work(items.slice(at, at + size));
  }
}
