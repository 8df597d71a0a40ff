/**
 * Judges reads while they happen: which versions a read must not return, given what was announced before it began.
 * The same promise as in `test/consistency/oracle.ts`, sharper by what only a model knows: which messages have arrived.
 */

/** `coherence.stalenessBound`, at its default. */
const STALENESS_BOUND_MS = 500;

export interface Write {
  readonly node: number;
  readonly key: string;
  readonly version: number;
  readonly how: string;
  /** False: the cache has said that it could not reach everybody in time. */
  readonly acknowledged: boolean;
  /** When the cache said that it was done: on the clock, and as the last change of the server's by then. */
  readonly endedAt: number;
  readonly change: number;
}

/** What a read could know when it began. */
export interface Beginning {
  readonly node: number;
  readonly key: string;
  readonly startedAt: number;
  /** All writes that had ended by then. */
  readonly writes: readonly Write[];
  /** Changes of the server's after this one had not been told to this process yet, whatever the reason. */
  readonly heardUpTo: number;
  /** It relies on nothing that this process knows. */
  readonly exactReads: boolean;
}

export type Verdict =
  | { readonly kind: 'fresh' }
  /** Older than what others knew, before its process could know it. */
  | { readonly kind: 'overtaking' }
  | { readonly kind: 'wrong'; readonly why: string };

export function judge(read: Beginning, version: number): Verdict {
  const { node, key, startedAt, heardUpTo, exactReads } = read;
  let kind: 'fresh' | 'overtaking' = 'fresh';
  for (const write of read.writes) {
    if (write.key !== key || write.version <= version) continue;
    const ageMs = startedAt - write.endedAt;
    const wrong = (why: string): Verdict => {
      const newer = `version ${write.version} (${write.how} on node ${write.node})`;
      return {
        kind: 'wrong',
        why: `node ${node} read version ${version} of ${key}, ${ageMs} ms after ${newer}: ${why}`,
      };
    };
    if (write.node === node) return wrong('its own write');
    if (!write.acknowledged) continue;
    if (exactReads) return wrong('exact read');
    if (write.change <= heardUpTo) return wrong('it had heard of it');
    if (ageMs >= STALENESS_BOUND_MS) return wrong('beyond the bound');
    kind = 'overtaking';
  }
  return { kind };
}
