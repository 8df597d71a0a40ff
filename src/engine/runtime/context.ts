/**
 * The parts that reading and writing share within one cache. Made once by `createCache`, never changed.
 */
import type { Clock } from '../../contract/clock';
import type { Channel } from '../../contract/coherence';
import type { Emit } from '../../contract/events';
import type { RecordInvalidation } from '../../contract/invalidation-history';
import type { MarkerTier, RemoteTier, WriteLeases } from '../../contract/l2';
import type { Order } from '../../contract/order';
import type { Undelivered } from '../../guards/outbox';
import type { Codec } from '../entry/codec';
import type { Shelf } from '../l1/l1-cache';
import type { Fences } from '../validity/fences';
import type { Groups } from '../validity/groups';
import type { Patterns } from '../validity/patterns';
import type { Memberships } from '../validity/snapshots';
import type { Background } from './background';

export interface EngineTimes {
  readonly leaseMs: number;
  readonly lockWaitMs: number;
  readonly nestedLockWaitMs: number;
  readonly maxLoadMs: number;
  readonly invalidationBudgetMs: number;
  /** How long after the last proof L1 may serve while L2 does not answer; 0: not at all (P34). */
  readonly degradedTtlMs: number;
}

export interface EngineContext {
  readonly namespace: string;
  readonly clock: Clock;
  readonly order: Order;
  readonly shelf: Shelf;
  readonly remote: RemoteTier;
  readonly markers: MarkerTier;
  readonly writeLeases: WriteLeases;
  readonly channel: Channel;
  readonly groups: Groups;
  readonly patterns: Patterns;
  readonly memberships: Memberships;
  readonly fences: Fences;
  readonly codec: Codec;
  readonly undelivered: Undelivered;
  readonly background: Background;
  readonly emit: Emit;
  /** Told once of each call or event that has invalidated something. */
  readonly record: RecordInvalidation;
  readonly times: EngineTimes;
}
