/**
 * When an entry that was read from L2 is a value: fresh by L2's clock, of the reader's version, readable, and with the
 * current tokens of its groups. It is copied into L1 on the way, for no longer than it lives in L2 (P4).
 */
import type { RemoteEntry } from '../contract/stores';
import type { EngineContext } from './context';
import type { Fence } from './fences';
import { type Membership, sameTokens } from './memberships';
import { type CompiledPolicy, lifetimeOf } from './policy';

export function accept(
  { remote, codec, shelf }: EngineContext,
  key: string,
  policy: CompiledPolicy,
  entry: RemoteEntry,
  membership: Membership,
  fence: Fence,
): { readonly value: unknown } | undefined {
  const remainingMs = entry.expiresAt - remote.now(key);
  if (remainingMs <= 0 || entry.version !== policy.version || !sameTokens(entry.tokens, membership.tokens)) {
    return undefined;
  }
  const decoded = codec.decode(key, entry);
  if (decoded === undefined) return undefined;
  const value = shelf.share(decoded.value);
  const ms = Math.min(lifetimeOf(policy, value).l1Ms, remainingMs);
  shelf.put(key, value, policy, membership, ms, fence, () => entry.payload.length);
  return { value };
}
