/** The entry that a load refreshes, as its loader sees it. */
import type { RemoteEntry } from '../../contract/l2';
import { type CompiledPolicy, lifetimeOf } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import type { Snapshot } from '../validity/snapshots';
import type { Stale } from './load-scope';

/** @param snapshot the entry's own generations, which are those of now */
export function staleInL2(
  { codec, l1, l2 }: EngineContext,
  key: string,
  policy: CompiledPolicy,
  entry: RemoteEntry,
  snapshot: Snapshot,
): Stale | undefined {
  const decoded = codec.decode(key, entry, policy);
  if (decoded === undefined) return undefined;
  const value = l1.protectOwn(decoded.value);
  return { value, meta: decoded.meta, ageMs: ageOf(policy, value, entry.expiresAt - l2.now(key)), snapshot };
}

/** Without an L2. */
export function staleInL1(
  { l1, clock, snapshots }: EngineContext,
  key: string,
  policy: CompiledPolicy,
): Stale | undefined {
  const entry = l1.inspect(key);
  if (entry?.version !== policy.version || !snapshots.isCurrent(entry.snapshot)) return undefined;
  const { meta, snapshot } = entry;
  const value = l1.viewOf(entry.value, policy);
  return { value, meta, ageMs: ageOf(policy, value, entry.freshUntil - clock.now()), snapshot };
}

function ageOf(policy: CompiledPolicy, value: unknown, leftMs: number): number {
  return Math.max(0, lifetimeOf(policy, value).l2Ms - leftMs);
}
