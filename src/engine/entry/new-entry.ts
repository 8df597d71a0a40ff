/**
 * Builds what L2 stores: the entry of a value, or the stub of a value that lives in L1 alone.
 */
import type { NewEntry } from '../../contract/l2';
import { packed } from '../../redis/compression';
import { type Codec, type Payload, STUB_PAYLOAD } from './codec';
import { type CompiledPolicy, lifetimeOf } from './policy';

/** The generations and tags that an entry carries. */
type Carried = Pick<NewEntry, 'generations' | 'tags'>;

/**
 * Returns undefined for a value that is not stored: `undefined`, one whose lifetime is 0, one that can be read
 * once, or one that cannot be serialized.
 * @param costMs how long its load took
 * @param meta for the loader that refreshes it
 */
export function newEntry(
  codec: Codec,
  key: string,
  policy: CompiledPolicy,
  value: unknown,
  carried: Carried,
  costMs: number,
  meta?: unknown,
): NewEntry | undefined {
  const { l2Ms } = lifetimeOf(policy, value);
  if (value === undefined || !policy.caches || l2Ms <= 0 || codec.refuses(key, value, policy))
    return undefined;
  const payload = policy.valueInL2 ? codec.encode(key, value, policy, meta) : STUB_PAYLOAD;
  if (payload === undefined) return undefined;
  if (policy.serializable && !policy.valueInL2) codec.check(value, policy);
  return entryOf(policy, l2Ms, payload, carried, costMs, meta);
}

/** The entry that stands in L2 before the value of a `tiers: 'l1'` method is loaded (P28). */
export function stubEntry(policy: CompiledPolicy, carried: Carried): NewEntry {
  return entryOf(policy, policy.lifetime.l2Ms, STUB_PAYLOAD, carried, 0);
}

function entryOf(
  { version, staleMs }: CompiledPolicy,
  ttlMs: number,
  { serializer, payload }: Payload,
  { generations, tags }: Carried,
  costMs: number,
  meta?: unknown,
): NewEntry {
  return { ttlMs, staleMs, costMs, version, generations, tags, serializer, payload, meta };
}

/** The entry as L2 is to hold it: compressed, if it is large and its method has it so. */
export function packedEntry(entry: NewEntry, { compress }: CompiledPolicy): NewEntry | Promise<NewEntry> {
  if (compress === undefined || Buffer.byteLength(entry.payload) <= compress.aboveBytes) return entry;
  return packed(entry, compress.codec);
}
