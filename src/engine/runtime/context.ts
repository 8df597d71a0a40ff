/**
 * The parts that reading and writing share within one cache. Made once by `createCache`, never changed.
 */
import type { ResolvedConfig } from '../../config/resolved';
import type { Clock } from '../../contract/clock';
import type { Channel } from '../../contract/coherence';
import type { Emit } from '../../contract/events';
import type { RecordInvalidation } from '../../contract/invalidation-history';
import type { L2, NewEntry } from '../../contract/l2';
import type { Order } from '../../contract/order';
import type { Outbox } from '../../guards/outbox';
import type { Codec } from '../entry/codec';
import type { CompiledPolicy } from '../entry/policy';
import type { RecentKeys } from '../entry/recent-keys';
import type { L1Cache } from '../l1/l1-cache';
import type { Fence, Fences } from '../validity/fences';
import type { Groups } from '../validity/groups';
import type { Patterns } from '../validity/patterns';
import type { Snapshots } from '../validity/snapshots';
import type { Background } from './background';

export interface EngineTimes {
  readonly leaseMs: number;
  /** How long a call from inside a load waits for another load. */
  readonly loadWaitMs: number;
  readonly maxLoadMs: number;
  readonly invalidationBudgetMs: number;
  /** How often the pattern set is looked after (P7). */
  readonly patternCheckMs: number;
  /** How long after the last proof L1 may serve while L2 does not answer; 0: not at all (P34). */
  readonly degradedTtlMs: number;
}

/** Copies in L1 of what this process has stored in L2 (P28). */
export interface OwnCopies {
  /**
   * L2 has stored the entry: a copy enters L1 in the background, if it is worth it.
   * @param written a fence that is open since before the write was sent
   */
  bring(key: string, policy: CompiledPolicy, entry: NewEntry, written: Fence): void;
  close(): void;
}

export interface EngineContext {
  readonly namespace: string;
  readonly clock: Clock;
  readonly order: Order;
  readonly l1: L1Cache;
  readonly recentKeys: RecentKeys;
  readonly l2: L2;
  readonly channel: Channel;
  readonly groups: Groups;
  readonly patterns: Patterns;
  readonly snapshots: Snapshots;
  readonly fences: Fences;
  readonly ownCopies: OwnCopies;
  readonly codec: Codec;
  readonly outbox: Outbox;
  readonly background: Background;
  readonly emit: Emit;
  /** Told once of each call or event that has invalidated something. */
  readonly record: RecordInvalidation;
  readonly times: EngineTimes;
  /** `context` is asked at each use. */
  readonly ambient: Pick<ResolvedConfig, 'context' | 'requireContext'>;
  /** An invalidation that L2 does not acknowledge in time rejects its call. */
  readonly strict: boolean;
}
