/**
 * Reading without loading: `get` and `getMany`. One pipelined round trip for whatever L1 does not have; a key that is
 * just being loaded is a miss. What is found enters L1 under the same fences as any other read.
 */

import type { CompiledPolicy } from '../entry/policy';
import { inChunks } from '../runtime/chunks';
import type { EngineContext } from '../runtime/context';
import { heldByTags, readL2 } from './read-l2';
import { usableEntry } from './usable-entry';

export async function getMany(
  context: EngineContext,
  keys: readonly string[],
  policy: CompiledPolicy,
): Promise<Map<string, unknown>> {
  const { l1 } = context;
  const found = new Map<string, unknown>();
  await inChunks([...new Set(keys)], (chunk) => {
    const missing: string[] = [];
    const reads: Promise<unknown>[] = [];
    for (const key of chunk) {
      const entry = l1.hit(key, policy);
      if (entry !== undefined) found.set(key, entry.value);
      else {
        missing.push(key);
        reads.push(getOne(context, key, policy));
      }
    }
    if (reads.length === 0) return undefined;
    return Promise.all(reads).then((values) => {
      for (const [index, key] of missing.entries()) found.set(key, values[index]);
    });
  });
  return inOrderOf(keys, found);
}

/** The value of a key that L1 has not served; `undefined` if L2 has none. */
export async function getOne(context: EngineContext, key: string, policy: CompiledPolicy): Promise<unknown> {
  const { fences, emit, l1, times } = context;
  const { counters } = policy;
  l1.missed(key, policy);
  const fence = fences.open(key);
  try {
    const { seen, snapshot } = await readL2(context, key, policy);
    if (seen.kind === 'unreachable' && policy.inL1) {
      // L1 may bridge a short outage (P34).
      const kept = l1.getDegraded(key, policy, times.degradedTtlMs);
      if (kept !== undefined) {
        counters.l1 += 1;
        return kept.value;
      }
    }
    if (seen.kind === 'garbled') emit('garbled-value', { key });
    if (seen.kind === 'foreign-type') emit('foreign-value', { key });
    const held =
      seen.kind === 'entry' && seen.entry.tags.length > 0 && snapshot !== undefined
        ? await heldByTags(context, policy, snapshot, seen.entry)
        : snapshot;
    const usable =
      seen.kind === 'entry' && held !== undefined
        ? usableEntry(context, key, policy, seen.entry, held, fence)
        : undefined;
    if (usable === undefined) {
      if (policy.valueInL2) counters.l2Misses += 1;
      return undefined;
    }
    counters.l2 += 1;
    return usable.value;
  } finally {
    fences.close(fence);
  }
}

/** Which tier had a value must not show in the order of the result. */
export function inOrderOf<V>(keys: Iterable<string>, found: ReadonlyMap<string, V>): Map<string, V> {
  const ordered = new Map<string, V>();
  for (const key of keys) {
    const value = found.get(key);
    if (value !== undefined) ordered.set(key, value);
  }
  return ordered;
}
