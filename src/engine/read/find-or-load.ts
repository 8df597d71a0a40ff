/**
 * The way of one flight from an L1 miss to a value (P11 to P16): look at L2; on a miss take the lease at the key and
 * load under it; in any other case load, and return the result without storing it.
 */

import { AsyncResource } from 'node:async_hooks';
import { withTimeout } from '../../contract/clock';
import type { LeaseAttempt, RemoteEntry, StubPlacement } from '../../contract/l2';
import { stubEntry } from '../entry/new-entry';
import { isDue } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import type { Fence } from '../validity/fences';
import { type Snapshot, sameGenerations } from '../validity/snapshots';
import type { Flight } from './flight';
import type { FlightPlan, FlightValue, OwnResult } from './flight-result';
import { Load } from './load';
import { missReason } from './miss-reason';
import { askL2, comparedRead, heldByTags, type L2Read, readL2 } from './read-l2';
import type { Refreshes } from './refreshes';
import { usableEntry, usableStaleEntry } from './usable-entry';

const FIRST_POLL_MS = 10;
const LAST_POLL_MS = 100;

/**
 * Calls `ended` once, and never throws. A hit of L2 ends in the turn in which the reply arrives: the connection calls what
 * follows. Anything else goes on with what was read.
 */
export function findOrLoad<V>(
  context: EngineContext,
  refreshes: Refreshes,
  plan: FlightPlan<V>,
  flight: Flight<V>,
  ended: (result: OwnResult<V>) => void,
): void {
  const { fences, clock } = context;
  const { key, policy } = plan;
  flight.startedAt = clock.now();
  const fence = fences.open(key);
  const end = (result: OwnResult<V>): void => {
    fences.close(fence);
    ended(result);
  };
  const fail = (error: unknown): void => end({ kind: 'failed', error });
  const goOn = (first?: L2Read | Promise<L2Read>): void => {
    search(context, refreshes, plan, flight, fence, first).then(end, fail);
  };
  const decide = (first: L2Read | Promise<L2Read>): void => {
    let hit: FlightValue<V> | undefined;
    try {
      if (!(first instanceof Promise)) hit = plainHit(context, refreshes, plan, flight, fence, first);
    } catch (error) {
      fail(error);
      return;
    }
    if (hit !== undefined) end(hit);
    else goOn(first);
  };
  try {
    const known = knownForLease(context, plan);
    if (known !== undefined) goOn(leaseFirst(context, plan, flight, known));
    else if (policy.staleInL1) goOn();
    else {
      // The connection calls in the async context of whoever shares its command. The loader must run in the caller's own.
      const caller = new AsyncResource('tiercel.read', { requireManualDestroy: true });
      askL2(context, key, policy, (first) => caller.runInAsyncScope(decide, undefined, first));
    }
  } catch (error) {
    fail(error);
  }
}

/** The snapshot under which to ask for the lease before anything else, if it will probably be needed (P12). */
function knownForLease<V>(
  { l2, snapshots, outbox }: EngineContext,
  { key, policy }: FlightPlan<V>,
): Snapshot | undefined {
  if (policy.exact || !policy.inL1 || !policy.valueInL2 || outbox.has(key)) return undefined;
  const can = l2.canLeaseFirst(key);
  return can !== 'no' && policy.forecast.expectsMiss(can === 'in-crowd') ? snapshots.known(key) : undefined;
}

async function leaseFirst<V>(
  context: EngineContext,
  { key }: FlightPlan<V>,
  flight: Flight<V>,
  known: Snapshot,
): Promise<L2Read> {
  const seen = await takeLease(flight, context.l2.leaseFirst(key, flight.leaseUnder(known)));
  return seen.kind === 'acquired' ? { seen, snapshot: known } : comparedRead(context, key, seen, known);
}

/** The value, if an entry without tags stands there and is usable. */
function plainHit<V>(
  context: EngineContext,
  refreshes: Refreshes,
  plan: FlightPlan<V>,
  flight: Flight<V>,
  fence: Fence,
  { seen, snapshot }: L2Read,
): FlightValue<V> | undefined {
  if (seen.kind !== 'entry' || snapshot === undefined || seen.entry.tags.length > 0) return undefined;
  const usable = usableEntry(context, plan.key, plan.policy, seen.entry, snapshot, fence);
  return usable && found(context, refreshes, plan, flight, seen, usable.value as V, 'l2');
}

function found<V>(
  { clock, l2 }: EngineContext,
  refreshes: Refreshes,
  plan: FlightPlan<V>,
  { startedAt }: Flight<V>,
  { entry, sentAt }: Extract<LeaseAttempt, { kind: 'entry' }>,
  value: V,
  source: 'l2' | 'awaited',
): FlightValue<V> {
  const { key, policy, told } = plan;
  if (told !== undefined) {
    told.itemSize = entry.payload.length;
    told.ttlMs = entry.expiresAt - l2.now(key);
  }
  policy.counters.l2Latency.record(clock.now() - startedAt);
  policy.forecast.note(false);
  if (isDue(policy, entry.expiresAt - l2.now(key), entry.costMs)) void refreshes.begin(plan);
  return { kind: 'value', value, source, loadedAt: 0, provenAt: sentAt };
}

async function search<V>(
  context: EngineContext,
  refreshes: Refreshes,
  plan: FlightPlan<V>,
  flight: Flight<V>,
  fence: Fence,
  read: L2Read | Promise<L2Read> | undefined,
): Promise<OwnResult<V>> {
  const { l2, clock, emit } = context;
  const { key, policy, patienceMs } = plan;
  const { startedAt } = flight;
  if (policy.staleInL1) {
    const stale = await staleInL1(context, refreshes, plan);
    if (stale !== undefined) return stale;
  }
  let waits = 0;
  let isAskedAgain = false;
  const first = await (read ?? readL2(context, key, policy));
  let { snapshot } = first;
  let seen: LeaseAttempt | StubPlacement = first.seen;
  for (;;) {
    if (waits > 0 && !isAskedAgain && (seen.kind === 'unreachable' || snapshot === undefined)) {
      // One late reply says nothing against the load that is waited for, which would be run a second time.
      isAskedAgain = true;
      ({ seen, snapshot } = await readL2(context, key, policy));
      continue;
    }
    if (seen.kind === 'unreachable')
      return degraded(context, plan) ?? missed(context, plan, flight, first).unstored();
    // An abandoned flight takes no lease any more.
    const takesNoLease = flight.abandoned && seen.kind !== 'acquired' && seen.kind !== 'entry';
    if (snapshot === undefined || takesNoLease) return missed(context, plan, flight, first).unstored();
    switch (seen.kind) {
      case 'acquired':
        return missed(context, plan, flight, first).underLease(flight.leaseUnder(snapshot), snapshot, fence);
      case 'placed':
        return missed(context, plan, flight, first).againstStub(
          seen.witness,
          l2.now(key) + policy.lifetime.l2Ms,
          snapshot,
        );
      case 'entry': {
        const held =
          seen.entry.tags.length === 0 ? snapshot : await heldByTags(context, policy, snapshot, seen.entry);
        if (held === undefined) return missed(context, plan, flight, first).unstored();
        // What was read first has been looked at, unless it has tags.
        const isNew = first !== read || seen !== first.seen || held !== snapshot;
        const usable = isNew ? usableEntry(context, key, policy, seen.entry, held, fence) : undefined;
        if (usable !== undefined) {
          const source = waits === 0 ? 'l2' : 'awaited';
          return found(context, refreshes, plan, flight, seen, usable.value as V, source);
        }
        if (policy.staleMs > 0) {
          const stale = usableStaleEntry(context, key, policy, seen.entry, held);
          if (stale !== undefined) {
            return freshOr(context, refreshes, plan, stale.value as V, seen.sentAt);
          }
        }
        if (keepsStub(context, plan) && isCurrent(context, plan, seen.entry, snapshot)) {
          return missed(context, plan, flight, first).againstStub(
            seen.witness,
            seen.entry.expiresAt,
            snapshot,
          );
        }
        if (flight.abandoned) return missed(context, plan, flight, first).unstored();
        seen = await takeLease(flight, l2.takeOver(key, seen.witness, flight.leaseUnder(snapshot)));
        break;
      }
      case 'garbled':
        emit('garbled-value', { key });
        seen = await takeLease(flight, l2.takeOver(key, seen.witness, flight.leaseUnder(snapshot)));
        break;
      case 'absent':
        seen = keepsStub(context, plan)
          ? await placeStub(context, plan, snapshot)
          : await takeLease(flight, l2.acquireLease(key, flight.leaseUnder(snapshot)));
        break;
      case 'leased':
        if (!sameGenerations(seen.generations, snapshot.generations)) {
          // What its holder loads is void already: something of its groups was invalidated since it began.
          seen = await takeLease(flight, l2.takeOver(key, seen.witness, flight.leaseUnder(snapshot)));
          break;
        }
        if (clock.now() - startedAt >= patienceMs) {
          if (plan.nested || policy.timeout.hardMs === undefined) {
            return missed(context, plan, flight, first).unstored();
          }
          // Its holder may hang: a load that succeeds is to be kept.
          seen = await takeLease(flight, l2.takeOver(key, seen.witness, flight.leaseUnder(snapshot)));
          break;
        }
        if (waits === 0) policy.counters.leaseWaits += 1;
        await changeOrPause(context, plan, fence, waits);
        waits += 1;
        isAskedAgain = false;
        ({ seen, snapshot } = await readL2(context, key, policy));
        break;
      case 'write-leased':
        return missed(context, plan, flight, first).unstored();
      case 'foreign-type':
        emit('foreign-value', { key });
        return missed(context, plan, flight, first).unstored();
    }
  }
}

/** `close()` waits for the reply: a lease that is placed then must be released. */
function takeLease<V>(flight: Flight<V>, attempt: Promise<LeaseAttempt>): Promise<LeaseAttempt> {
  flight.leasing = attempt;
  return attempt;
}

/** Nothing found can be served: counts why, and gives the ways to load. */
function missed<V>(context: EngineContext, plan: FlightPlan<V>, flight: Flight<V>, first: L2Read): Load<V> {
  const { key, policy } = plan;
  policy.counters.misses[missReason(context, key, policy, first)] += 1;
  policy.forecast.note(first.seen.kind === 'absent' || first.seen.kind === 'acquired');
  return new Load(context, plan, flight);
}

/** Without an L2, L1 keeps what has expired for as long as it may be served (P20). */
async function staleInL1<V>(
  context: EngineContext,
  refreshes: Refreshes,
  plan: FlightPlan<V>,
): Promise<FlightValue<V> | undefined> {
  const { l1, order } = context;
  const entry = l1.getStale(plan.key, plan.policy);
  return entry && freshOr(context, refreshes, plan, entry.value as V, order.next());
}

/** Returns the expired value, unless a refresh gives a new one within the soft timeout. */
async function freshOr<V>(
  context: EngineContext,
  refreshes: Refreshes,
  plan: FlightPlan<V>,
  expired: V,
  provenAt: number,
): Promise<FlightValue<V>> {
  const { softMs } = plan.policy.timeout;
  const refresh = refreshes.begin(plan);
  const fresh = softMs > 0 ? await withTimeout(context.clock, refresh, softMs) : undefined;
  return fresh ?? { kind: 'value', value: expired, source: 'stale', loadedAt: 0, provenAt };
}

/** L2 does not answer and the channel is silent: what L1 has may bridge a short outage (P34). */
function degraded<V>(
  { l1, times, order }: EngineContext,
  { key, policy }: FlightPlan<V>,
): FlightValue<V> | undefined {
  if (!policy.inL1) return undefined;
  const entry = l1.getDegraded(key, policy, times.degradedTtlMs);
  if (entry === undefined) return undefined;
  return { kind: 'value', value: entry.value as V, source: 'l1', loadedAt: 0, provenAt: order.next() };
}

/** Whether the value lives in L1 alone, and L2 keeps a stub that shows invalidations (P28). */
function keepsStub<V>({ l2 }: EngineContext, { policy }: FlightPlan<V>): boolean {
  return !policy.valueInL2 && l2.present;
}

function placeStub<V>(
  { groups, l2 }: EngineContext,
  { key, policy }: FlightPlan<V>,
  snapshot: Snapshot,
): Promise<StubPlacement> {
  const stub = stubEntry(policy, snapshot);
  groups.extend(snapshot.groups, stub.ttlMs);
  return l2.placeStub(key, stub);
}

function isCurrent<V>(
  { l2 }: EngineContext,
  { key, policy }: FlightPlan<V>,
  entry: RemoteEntry,
  snapshot: Snapshot,
): boolean {
  return (
    entry.version === policy.version &&
    entry.expiresAt > l2.now(key) &&
    sameGenerations(entry.generations, snapshot.generations)
  );
}

/** Resolves when a change at the key is heard of, or after a while: a message is only a hint to look again (P17). */
async function changeOrPause<V>(
  { clock }: EngineContext,
  plan: FlightPlan<V>,
  fence: Fence,
  waits: number,
): Promise<void> {
  const ms = Math.min(FIRST_POLL_MS * 2 ** waits, LAST_POLL_MS);
  plan.waits?.(true);
  await new Promise<void>((resolve) => {
    const timer = clock.setTimeout(resolve, ms * (0.5 + Math.random() / 2));
    fence.wake = () => {
      clock.clearTimeout(timer);
      resolve();
    };
  });
  fence.wake = undefined;
  plan.waits?.(false);
}
