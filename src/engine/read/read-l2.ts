/**
 * One look at a key in L2 (P11): the value, and the membership it is to be held against. Where the tokens are known
 * under trust that is a single `GET`; otherwise the markers are read in the same pipeline.
 */
import type { Claim, RemoteEntry } from '../../contract/l2';
import type { CompiledPolicy } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import { hasKeyTokens, type Membership, sameTokens } from '../validity/snapshots';

export interface Sighting {
  readonly seen: Claim;
  /** Undefined where L2 did not tell, or must not be believed: then nothing may be stored. */
  readonly membership: Membership | undefined;
}

const NOT_ASKED: Sighting = { seen: { kind: 'absent', sentAt: 0 }, membership: undefined };

export async function look(context: EngineContext, key: string, policy: CompiledPolicy): Promise<Sighting> {
  const { remote, memberships, undelivered } = context;
  // Asked again below, for the groups; but by then the key may be delivered, and what was read before is old (P38).
  if (undelivered.has(key)) return NOT_ASKED;
  // Who bypasses L1 asks for exactness: knowledge that is true but for the channel's latency is not enough then.
  const known = policy.inL1 ? memberships.known(key) : undefined;
  if (known === undefined) {
    const [seen, membership] = await Promise.all([remote.read(key), memberships.read(key)]);
    return checked(context, key, { seen, membership });
  }
  const seen = await remote.read(key);
  if (
    (seen.kind === 'entry' && !hasKeyTokens(seen.entry, known.tokens)) ||
    (seen.kind === 'leased' && !sameTokens(seen.tokens, known.tokens))
  ) {
    // Nothing is taken over on the word of what is known here: the markers are read again (P12).
    return checked(context, key, { seen, membership: await memberships.read(key) });
  }
  return checked(context, key, { seen, membership: known });
}

/**
 * What an entry with tags is to be held against: the groups of its key and the tags that it names (P9). Undefined where
 * L2 does not tell, or must not be believed.
 */
export async function heldByTags(
  { memberships, undelivered }: EngineContext,
  { inL1 }: CompiledPolicy,
  membership: Membership,
  { tags, tokens }: RemoteEntry,
): Promise<Membership | undefined> {
  const read = (exact: boolean) => memberships.inTags(membership, tags, { exact });
  let held = await read(!inL1);
  // As with the key's groups: the entry is not given up on the word of what is known here (P12).
  if (held !== undefined && inL1 && !sameTokens(tokens, held.tokens)) held = await read(true);
  return held?.groups.some(({ name }) => undelivered.has(name)) ? undefined : held;
}

/** What this process has invalidated and L2 does not know yet must not come back from L2 (P38). */
function checked({ undelivered }: EngineContext, key: string, sighting: Sighting): Sighting {
  const { membership } = sighting;
  const isPending =
    undelivered.has(key) || membership?.groups.some(({ name }) => undelivered.has(name)) === true;
  return isPending ? { seen: sighting.seen, membership: undefined } : sighting;
}
