/**
 * The judge: knows the order of all writes, and finds the reads that came too late for what they returned. A pure
 * function of histories; it knows no cache, no fault and no limit.
 */
import { type ProcessHistory, readsOf, type WriteRecord } from './history';

export interface Findings {
  readonly reads: number;
  /**
   * For each stale read, in ms and sorted: for how long a newer version had been announced when it began. A read is stale
   * if it returned an older version than a write whose invalidation was acknowledged before the read began.
   */
  readonly staleAges: readonly number[];
  /**
   * Reads that missed a write of their own process which had ended before they began, acknowledged or not: a process
   * always knows what it has done itself.
   */
  readonly ownStale: number;
}

export function judge(histories: readonly ProcessHistory[]): Findings {
  const announced = new Announcements(
    histories.flatMap(({ writes }) => writes.filter(({ acknowledged }) => acknowledged)),
  );
  const staleAges: number[] = [];
  let reads = 0;
  let ownStale = 0;
  for (const history of histories) {
    const own = new Announcements(history.writes);
    for (const { key, version, startedAt } of readsOf(history)) {
      reads += 1;
      const since = announced.ofNewerThan(key, version);
      if (since < startedAt) staleAges.push(startedAt - since);
      if (own.ofNewerThan(key, version) < startedAt) ownStale += 1;
    }
  }
  return { reads, staleAges: staleAges.sort((a, b) => a - b), ownStale };
}

interface Announcement {
  readonly version: number;
  /** When the first write of this or a newer version was done. */
  earliest: number;
}

/** Per key, in the order of versions: since when a version had to be known. */
class Announcements {
  readonly #byKey = new Map<number, Announcement[]>();

  constructor(writes: readonly WriteRecord[]) {
    for (const { key, version, doneAt } of writes) {
      const list = this.#byKey.get(key) ?? [];
      list.push({ version, earliest: doneAt });
      this.#byKey.set(key, list);
    }
    for (const list of this.#byKey.values()) {
      list.sort((a, b) => a.version - b.version);
      for (let i = list.length - 2; i >= 0; i -= 1) {
        list[i]!.earliest = Math.min(list[i]!.earliest, list[i + 1]!.earliest);
      }
    }
  }

  /** Since when something newer than `version` had to be seen; `Infinity` if there is nothing newer. */
  ofNewerThan(key: number, version: number): number {
    const list = this.#byKey.get(key);
    if (list === undefined) return Number.POSITIVE_INFINITY;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (list[middle]!.version > version) high = middle;
      else low = middle + 1;
    }
    return list[low]?.earliest ?? Number.POSITIVE_INFINITY;
  }
}
