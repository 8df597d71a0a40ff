/**
 * The parts that reading and writing share within one cache. Made once by `createCache`, never changed.
 */
import type { Clock } from '../contract/clock';
import type { Emit } from '../contract/events';
import type { Order } from '../contract/order';
import type { RemoteTier } from '../contract/stores';
import type { Undelivered } from '../guards/undelivered';
import type { Background } from './background';
import type { Codec } from './codec';
import type { Fences } from './fences';
import type { Shelf } from './shelf';

export interface EngineTimes {
  readonly leaseMs: number;
  readonly lockWaitMs: number;
  readonly nestedLockWaitMs: number;
  readonly maxLoadMs: number;
  readonly invalidationBudgetMs: number;
}

export interface EngineContext {
  readonly clock: Clock;
  readonly order: Order;
  readonly shelf: Shelf;
  readonly remote: RemoteTier;
  readonly fences: Fences;
  readonly codec: Codec;
  readonly undelivered: Undelivered;
  readonly background: Background;
  readonly emit: Emit;
  readonly times: EngineTimes;
}
