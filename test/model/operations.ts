/**
 * What happens in a run of the model: who reads, who writes and how it is made known, and what breaks. Several lanes of
 * these run at once, each in its own order.
 */
import fc from 'fast-check';
import { MOST_LOST } from '../../src/testing/simulated-redis';

export const NODES = 3;
export const KEYS = ['l1:1:item:1', 'l1:1:item:2'] as const;

export const WRITES = [
  'delete',
  'pattern',
  'tag',
  'clear',
  'put',
  'create',
  'around-key',
  'around-pattern',
  'around-tag',
  'defer-key',
  'defer-pattern',
  'defer-tag',
] as const;
export type WriteKind = (typeof WRITES)[number];

export type Operation =
  | { readonly do: 'read'; readonly node: number; readonly key: number }
  /** `fails`: the change of the database does. */
  | {
      readonly do: 'write';
      readonly node: number;
      readonly key: number;
      readonly how: WriteKind;
      readonly fails: boolean;
    }
  /** A connection of the node breaks: that of its commands, that of the messages to it, or both. */
  | {
      readonly do: 'cut';
      readonly node: number;
      readonly which: 'data' | 'channel' | 'both';
      readonly losesReplies: boolean;
    }
  /** What the server sends to the node is on its way for longer, until `release`. */
  | { readonly do: 'hold' | 'release'; readonly node: number; readonly which: 'data' | 'channel' }
  /** Redis comes back as another run, as it was before its last so many changes. */
  | { readonly do: 'restart'; readonly losing: number }
  | { readonly do: 'flush' }
  /** The pattern set is evicted or removed. */
  | { readonly do: 'lose patterns' }
  /** From now on the server refuses writes, or takes them again. */
  | { readonly do: 'refuse'; readonly writes: boolean }
  /** Some name of the toolkit's, or a key, is evicted or expires. */
  | { readonly do: 'evict'; readonly which: number }
  /** Time passes; `frozen`: and nothing is delivered meanwhile. */
  | { readonly do: 'pass'; readonly ms: number; readonly frozen: boolean };

const node = fc.nat(NODES - 1);

const which = fc.constantFrom('data' as const, 'channel' as const);

const FAULTS = {
  cut: fc.record({
    do: fc.constant('cut' as const),
    node,
    which: fc.constantFrom('data' as const, 'channel' as const, 'both' as const),
    losesReplies: fc.boolean(),
  }),
  hold: fc.record({ do: fc.constantFrom('hold' as const, 'release' as const), node, which }),
  restart: fc.record({
    do: fc.constant('restart' as const),
    losing: fc.oneof(fc.nat(3), fc.nat(MOST_LOST)),
  }),
  flush: fc.record({ do: fc.constant('flush' as const) }),
  'lose patterns': fc.record({ do: fc.constant('lose patterns' as const) }),
  refuse: fc.record({ do: fc.constant('refuse' as const), writes: fc.boolean() }),
  evict: fc.record({ do: fc.constant('evict' as const), which: fc.nat(20) }),
  pass: fc.record({
    do: fc.constant('pass' as const),
    // Beyond the deadline, the bound of L1 and the time of a lease, and below each of them.
    ms: fc.constantFrom(20, 60, 300, 600, 3_200),
    frozen: fc.boolean(),
  }),
} satisfies Record<string, fc.Arbitrary<Operation>>;
export type FaultKind = keyof typeof FAULTS;
export const ALL_FAULTS = Object.keys(FAULTS) as readonly FaultKind[];

export type Lanes = readonly (readonly Operation[])[];

export interface Mix {
  readonly kinds?: readonly WriteKind[];
  /** Default: none. */
  readonly faults?: readonly FaultKind[];
}

/**
 * A run knows few ways to write, and often one key alone: what can go wrong takes several that meet. Faults are among
 * what a lane does, so that they strike at any time.
 */
export function lanes({ kinds = WRITES, faults = [] }: Mix): fc.Arbitrary<Lanes> {
  const some = fc.subarray([...kinds], { minLength: 1, maxLength: Math.min(3, kinds.length) });
  return fc.tuple(some, fc.nat(KEYS.length - 1)).chain(([chosen, lastKey]) => {
    const key = fc.nat(lastKey);
    const operation = fc.oneof(
      { weight: 18, arbitrary: fc.record({ do: fc.constant('read' as const), node, key }) },
      { weight: 12, arbitrary: write(chosen, key) },
      ...(faults.length === 0
        ? []
        : [{ weight: 6, arbitrary: fc.oneof(...faults.map((kind) => FAULTS[kind])) }]),
    );
    return fc.array(fc.array(operation, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 4 });
  });
}

function write(kinds: readonly WriteKind[], key: fc.Arbitrary<number>): fc.Arbitrary<Operation> {
  return fc.record({
    do: fc.constant('write' as const),
    node,
    key,
    how: fc.constantFrom(...kinds),
    fails: fc.integer({ min: 0, max: 9 }).map((n) => n === 9),
  });
}
