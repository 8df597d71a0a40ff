/**
 * Decides whether an entry that was read from L2 may be served: it is fresh by L2's clock, of the reader's version,
 * readable, and has the current generations of its groups. A copy enters L1, for no longer than the entry lives (P4). With
 * `staleFor`, an expired entry that fulfils the rest may still be served (P20).
 */
import type { RemoteEntry } from '../../contract/l2';
import type { CompiledPolicy } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import type { Fence } from '../validity/fences';
import { type Snapshot, sameGenerations } from '../validity/snapshots';

export function usableEntry(
  { l2, codec, l1 }: EngineContext,
  key: string,
  policy: CompiledPolicy,
  entry: RemoteEntry,
  snapshot: Snapshot,
  fence: Fence,
): { readonly value: unknown } | undefined {
  const freshMs = entry.expiresAt - l2.now(key);
  if (freshMs <= 0 || !isValid(policy, entry, snapshot)) return undefined;
  const isTrusted = l1.trusted;
  const decoded = codec.decode(key, entry, policy);
  if (decoded === undefined) return undefined;
  const value = l1.protectOwn(decoded.value);
  l1.keep(key, value, policy, snapshot, entry, freshMs, fence, isTrusted);
  return { value };
}

/** The value of an entry that has expired, but not for longer than `staleFor`. It does not enter L1. */
export function usableStaleEntry(
  { l2, codec, l1 }: EngineContext,
  key: string,
  policy: CompiledPolicy,
  entry: RemoteEntry,
  snapshot: Snapshot,
): { readonly value: unknown } | undefined {
  const expiredMs = l2.now(key) - entry.expiresAt;
  if (expiredMs >= policy.staleMs || !isValid(policy, entry, snapshot)) return undefined;
  const decoded = codec.decode(key, entry, policy);
  return decoded && { value: l1.protectOwn(decoded.value) };
}

/** Whether nothing was invalidated since it was loaded, and it is of this version. */
export function isValid(policy: CompiledPolicy, entry: RemoteEntry, { generations }: Snapshot): boolean {
  return entry.version === policy.version && sameGenerations(entry.generations, generations);
}
