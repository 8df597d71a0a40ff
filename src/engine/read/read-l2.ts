/**
 * Reads a key in L2 (P11): what stands there, and the snapshot that an entry is compared with. If the generations are known
 * under trust, the key alone is read. Otherwise the generation keys are read with it.
 */
import type { LeaseAttempt, RemoteEntry } from '../../contract/l2';
import type { CompiledPolicy } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import { hasKeyGenerations, type Snapshot, sameGenerations } from '../validity/snapshots';

export interface L2Read {
  readonly seen: LeaseAttempt;
  /** Undefined where L2 did not tell, or must not be believed: then nothing may be stored. */
  readonly snapshot: Snapshot | undefined;
}

const NOT_ASKED: L2Read = { seen: { kind: 'absent', sentAt: 0 }, snapshot: undefined };

export async function readL2(context: EngineContext, key: string, policy: CompiledPolicy): Promise<L2Read> {
  const { outbox } = context;
  // Asked again below, for the groups; but by then the key may be delivered, and what was read before is old (P38).
  if (outbox.has(key)) return NOT_ASKED;
  return checked(context, key, await (policy.exact ? readExactly(context, key) : readAsKnown(context, key)));
}

/** What is known here may lag behind: the generation keys are read in the same command, and nothing of them is kept. */
async function readExactly(context: EngineContext, key: string): Promise<L2Read> {
  const { l2, snapshots } = context;
  const asked = snapshots.groupsToRead(key);
  if (asked === undefined) return readAll(context, key);
  const { seen, beside } = await l2.read(
    key,
    asked.groups.map(({ name }) => name),
  );
  if (seen.kind === 'unreachable') return { seen, snapshot: undefined };
  const generations = beside.filter((generation) => generation !== undefined);
  return generations.length === asked.groups.length
    ? { seen, snapshot: { ...asked, generations, tags: [] } }
    : { seen, snapshot: await snapshots.read(key) };
}

async function readAsKnown(context: EngineContext, key: string): Promise<L2Read> {
  const { l2, snapshots } = context;
  const known = snapshots.known(key);
  if (known === undefined) return readAll(context, key);
  const { seen } = await l2.read(key, []);
  const isOutdated =
    (seen.kind === 'entry' && !hasKeyGenerations(seen.entry, known.generations)) ||
    (seen.kind === 'leased' && !sameGenerations(seen.generations, known.generations));
  // Nothing is taken over on the word of what is known here: the generation keys are read again (P12).
  return { seen, snapshot: isOutdated ? await snapshots.read(key) : known };
}

/** Generation keys that are not there are made. */
async function readAll({ l2, snapshots }: EngineContext, key: string): Promise<L2Read> {
  const [{ seen }, snapshot] = await Promise.all([l2.read(key, []), snapshots.read(key)]);
  return { seen, snapshot };
}

/**
 * What an entry with tags is to be held against: the groups of its key and the tags that it names (P9). Undefined where
 * L2 does not tell, or must not be believed.
 */
export async function heldByTags(
  { snapshots, outbox }: EngineContext,
  { exact }: CompiledPolicy,
  snapshot: Snapshot,
  { tags, generations }: RemoteEntry,
): Promise<Snapshot | undefined> {
  const read = (fromL2: boolean) => snapshots.inTags(snapshot, tags, { exact: fromL2 });
  let held = await read(exact);
  // As with the key's groups: the entry is not given up on the word of what is known here (P12).
  if (held !== undefined && !exact && !sameGenerations(generations, held.generations))
    held = await read(true);
  return held?.groups.some(({ name }) => outbox.has(name)) ? undefined : held;
}

/** What this process has invalidated and L2 does not know yet must not come back from L2 (P38). */
function checked({ outbox }: EngineContext, key: string, sighting: L2Read): L2Read {
  const { snapshot } = sighting;
  const isPending = outbox.has(key) || snapshot?.groups.some(({ name }) => outbox.has(name)) === true;
  return isPending ? { seen: sighting.seen, snapshot: undefined } : sighting;
}
