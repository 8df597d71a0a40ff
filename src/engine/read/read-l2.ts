/**
 * Reads a key in L2 (P11): what stands there, and the snapshot that an entry is compared with. If the generations are known
 * under trust, the key alone is read. Otherwise the generation keys are read with it.
 */
import type { LeaseAttempt, Observation, RemoteEntry } from '../../contract/l2';
import type { CompiledPolicy } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import { hasKeyGenerations, type Snapshot, sameGenerations } from '../validity/snapshots';

export interface L2Read {
  readonly seen: LeaseAttempt;
  /** Undefined where L2 did not tell, or must not be believed: then nothing may be stored. */
  readonly snapshot: Snapshot | undefined;
}

const NO_NAMES: readonly string[] = [];

const NOT_ASKED: L2Read = { seen: { kind: 'absent', sentAt: 0 }, snapshot: undefined };

export function readL2(context: EngineContext, key: string, policy: CompiledPolicy): Promise<L2Read> {
  return new Promise((resolve) => askL2(context, key, policy, resolve));
}

/**
 * The same without a promise, if one command tells all: `told` is called once, in the turn of the reply, and must not
 * throw. It gets a promise if more must be asked.
 */
export function askL2(
  context: EngineContext,
  key: string,
  policy: CompiledPolicy,
  told: (read: L2Read | Promise<L2Read>) => void,
): void {
  const { outbox, snapshots, l2 } = context;
  // Asked again below, for the groups; but by then the key may be delivered, and what was read before is old (P38).
  if (outbox.has(key)) {
    told(NOT_ASKED);
    return;
  }
  const known = policy.exact ? undefined : snapshots.known(key);
  if (known !== undefined) {
    l2.read(key, NO_NAMES, (seen) => told(comparedRead(context, key, seen, known)));
    return;
  }
  const asked = policy.exact ? snapshots.groupsToRead(key) : undefined;
  if (asked === undefined) {
    told(readAll(context, key));
    return;
  }
  // What is known here may lag behind: the generation keys are read in the same command, and nothing of them is kept.
  const names = asked.groups.map(({ name }) => name);
  l2.read(key, names, (seen, beside) => {
    const generations = beside.filter((generation) => generation !== undefined);
    const isComplete = generations.length === names.length || seen.kind === 'unreachable';
    told(
      isComplete
        ? checked(context, key, seen, { ...asked, generations, tags: NO_NAMES })
        : readGenerations(context, key, seen),
    );
  });
}

/**
 * What was seen, with the snapshot that was known when it was asked for. If the two differ, nothing is taken over on the
 * word of what is known here: the generation keys are read again (P12).
 */
export function comparedRead(
  context: EngineContext,
  key: string,
  seen: Observation,
  known: Snapshot,
): L2Read | Promise<L2Read> {
  return isOutdated(seen, known) ? readGenerations(context, key, seen) : checked(context, key, seen, known);
}

/** Generation keys that are not there are made. */
async function readGenerations(context: EngineContext, key: string, seen: Observation): Promise<L2Read> {
  return checked(context, key, seen, await context.snapshots.read(key));
}

async function readAll(context: EngineContext, key: string): Promise<L2Read> {
  const { l2, snapshots } = context;
  const [seen, snapshot] = await Promise.all([
    new Promise<Observation>((resolve) => l2.read(key, NO_NAMES, resolve)),
    snapshots.read(key),
  ]);
  return checked(context, key, seen, snapshot);
}

/** Whether an entry or a lease has other generations than this process knows: one of the two is the older. */
function isOutdated(seen: Observation, { generations }: Snapshot): boolean {
  if (seen.kind === 'entry') return !hasKeyGenerations(seen.entry, generations);
  return seen.kind === 'leased' && !sameGenerations(seen.generations, generations);
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
function checked(
  { outbox }: EngineContext,
  key: string,
  seen: Observation,
  snapshot: Snapshot | undefined,
): L2Read {
  const isPending =
    outbox.size > 0 && (outbox.has(key) || snapshot?.groups.some(({ name }) => outbox.has(name)));
  return { seen, snapshot: isPending ? undefined : snapshot };
}
