/**
 * Tags (P9): names that a load gives to its entry, so that entries of different keys can be invalidated together.
 * A tag is a group whose members are found by asking the entry, which names its tags. Tags that are known before the
 * load are captured like any group. Tags that only the result tells have no generation from before the load; the epoch of
 * the namespace's tags stands in for it. Every invalidation of a tag removes the epoch first and the tag's generation key then:
 * where the epoch is the same before the load and after the generations were read, no tag was invalidated in between.
 */
import type { TagSource } from '../../contract/engine';
import type { Snapshot, Snapshots } from './snapshots';

/** What was captured before the load. */
export interface TagCapture {
  /** In the key's groups and the known tags. */
  readonly snapshot: Snapshot;
  /** Undefined where no further tag may be added. */
  readonly epoch: string | undefined;
}

export function untagged(snapshot: Snapshot): TagCapture {
  return { snapshot, epoch: undefined };
}

/** Undefined where L2 does not tell. Without a command where everything is known. */
export async function captureTags(
  snapshots: Snapshots,
  snapshot: Snapshot,
  { known, ofValue }: TagSource<never>,
): Promise<TagCapture | undefined> {
  const [tagged, epoch] = await Promise.all([
    snapshots.inTags(snapshot, known),
    ofValue === undefined ? undefined : snapshots.tagEpoch(),
  ]);
  return tagged && { snapshot: tagged, epoch };
}

/**
 * The captured snapshot and that in tags of the result; undefined where a tag was invalidated meanwhile, or L2 does
 * not tell. One after the other: a generation read behind the epoch would be one that no comparison covers. Both are asked of
 * L2, as what is known here may lag behind.
 */
export async function completeTags(
  snapshots: Snapshots,
  { snapshot, epoch }: TagCapture,
  tags: readonly string[],
): Promise<Snapshot | undefined> {
  if (tags.length === 0) return snapshot;
  const further = tags.filter((tag) => !snapshot.tags.includes(tag));
  if (further.length === 0) return snapshot;
  if (epoch === undefined) return undefined;
  const complete = await snapshots.inTags(snapshot, further, { exact: true });
  return complete && (await snapshots.tagEpoch({ exact: true })) === epoch ? complete : undefined;
}
