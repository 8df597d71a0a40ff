/**
 * Compresses payloads and opens them again, in zlib's threads, so that a large value does not hold the event loop. The name of
 * the codec ends the entry's serializer: every process opens every codec that its Node has, whatever its configuration says.
 */
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import type { CompressionCodec } from '../config/cache-config';
import type { NewEntry, Observation } from '../contract/l2';

type Convert = (bytes: Buffer) => Promise<Buffer>;

const brotliCompress = promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliCompress);
/** The default, 11, takes seconds for a megabyte. */
const BROTLI = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } };
/** Not in every Node that is supported. */
const { zstdCompress, zstdDecompress } = zlib as unknown as Readonly<
  Record<string, ((bytes: Buffer, done: (error: Error | null, result: Buffer) => void) => void) | undefined>
>;

const PACK: Readonly<Record<CompressionCodec, Convert | undefined>> = {
  gzip: promisify<Buffer, Buffer>(zlib.gzip),
  brotli: (bytes) => brotliCompress(bytes, BROTLI),
  zstd: zstdCompress && promisify(zstdCompress),
};

const OPEN: ReadonlyMap<string, Convert | undefined> = new Map([
  ['gzip', promisify<Buffer, Buffer>(zlib.gunzip)],
  ['brotli', promisify<Buffer, Buffer>(zlib.brotliDecompress)],
  ['zstd', zstdDecompress && promisify(zstdDecompress)],
]);

/** Parts a serializer's tag from what was done with its bytes. */
const MARK = '+';

/** The entry with its payload compressed, unless that would make it larger. */
export async function packed(entry: NewEntry, codec: CompressionCodec): Promise<NewEntry> {
  const bytes = typeof entry.payload === 'string' ? Buffer.from(entry.payload) : entry.payload;
  const payload = await PACK[codec]?.(bytes);
  if (payload === undefined || payload.length >= bytes.length) return entry;
  return { ...entry, serializer: `${entry.serializer}${MARK}${codec}`, payload };
}

/** What was seen, with the payload of an entry as it was before it was compressed. */
export function opened(seen: Observation): Observation | Promise<Observation> {
  if (seen.kind !== 'entry') return seen;
  const { entry } = seen;
  const mark = entry.serializer.lastIndexOf(MARK);
  const open = mark === -1 ? undefined : OPEN.get(entry.serializer.slice(mark + 1));
  if (open === undefined) return seen;
  const { serializer, payload } = entry;
  const stored = { serializer, bytes: payload.length };
  return open(payload).then(
    (bytes) => ({
      ...seen,
      entry: { ...entry, serializer: serializer.slice(0, mark), payload: bytes, stored },
    }),
    // Damaged: with this serializer nobody can read it, and it is a miss.
    () => seen,
  );
}
