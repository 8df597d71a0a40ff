/**
 * What a loader says of its entry (`meta`), before the value: a line of JSON, under a serializer of its own, so that
 * readers which do not know it take the entry for a miss.
 */
import type { NewEntry } from '../../contract/l2';

/** No serializer's tag can end with it. */
const SUFFIX = '+meta';
const LINE_FEED = 10;

type Payload = Pick<NewEntry, 'serializer' | 'payload'>;

/** @throws what JSON cannot carry */
export function withMeta({ serializer, payload }: Payload, meta: unknown): Payload {
  const line = `${JSON.stringify(meta)}\n`;
  return {
    serializer: serializer + SUFFIX,
    payload: typeof payload === 'string' ? line + payload : Buffer.concat([Buffer.from(line), payload]),
  };
}

/** The tag of the serializer that wrote the value. */
export function tagOf(serializer: string): string {
  return serializer.endsWith(SUFFIX) ? serializer.slice(0, -SUFFIX.length) : serializer;
}

/** @throws if the line is damaged */
export function partsOf({ serializer, payload }: { readonly serializer: string; readonly payload: Buffer }): {
  readonly serializer: string;
  readonly payload: Buffer;
  readonly meta?: unknown;
} {
  const tag = tagOf(serializer);
  if (tag === serializer) return { serializer, payload };
  const end = payload.indexOf(LINE_FEED);
  return {
    serializer: tag,
    payload: payload.subarray(end + 1),
    meta: JSON.parse(payload.toString('utf8', 0, end)),
  };
}
