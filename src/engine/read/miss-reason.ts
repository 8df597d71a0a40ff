/** Why a call found nothing to serve and runs its load: one reason per load, from what L2 and L1 showed. */
import { STUB } from '../../contract/l2';
import type { MissReason } from '../../contract/statistics';
import type { CompiledPolicy } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import { hasKeyGenerations } from '../validity/snapshots';
import type { L2Read } from './read-l2';

export function missReason(
  context: EngineContext,
  key: string,
  policy: CompiledPolicy,
  { seen, snapshot }: L2Read,
): MissReason {
  if (seen.kind === 'unreachable' || snapshot === undefined) return 'untrusted';
  switch (seen.kind) {
    case 'entry': {
      const { entry } = seen;
      if (entry.version !== policy.version) return 'version';
      if (!hasKeyGenerations(entry, snapshot.generations)) return 'invalidated';
      if (entry.expiresAt <= context.l2.now(key)) return 'expired';
      if (entry.serializer === STUB) return reasonHere(context, key, policy, false);
      return entry.tags.length > 0 ? 'invalidated' : 'unreadable';
    }
    case 'leased':
    case 'write-leased':
      return 'contended';
    case 'garbled':
    case 'foreign-type':
      return 'unreadable';
    case 'absent':
    case 'acquired':
      return reasonHere(context, key, policy, context.l2.present);
  }
}

function reasonHere(
  { l1, clock, recentKeys }: EngineContext,
  key: string,
  policy: CompiledPolicy,
  isGoneFromL2: boolean,
): MissReason {
  return (
    (isGoneFromL2 ? undefined : l1.reasonNotServed(key, policy)) ??
    recentKeys.fateOf(key, clock.now(), isGoneFromL2)
  );
}
