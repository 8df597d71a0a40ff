/**
 * `ready()`: waits for the end of the first attempt to reach Redis, and for the channel to be trusted.
 */
import type { Clock } from '../contract/clock';
import type { Channel } from '../contract/coherence';
import type { L2 } from '../contract/l2';
import type { Trust } from '../engine/validity/trust';
import type { Readiness } from './call-options';

export async function readiness(
  l2: L2,
  channel: Channel,
  trust: Trust,
  clock: Clock,
  withinMs: number,
): Promise<Readiness> {
  const until = clock.now() + withinMs;
  await l2.status.settled(withinMs);
  const { state } = l2.status;
  const { kind } = state;
  if (kind === 'ready') await channel.settled(until - clock.now());
  return {
    l2: kind === 'none' || kind === 'ready' ? kind : 'down',
    coherence: kind === 'none' ? 'none' : clock.now() < trust.until ? 'trusted' : 'suspect',
    ...(state.kind === 'down' ? { reason: state.reason } : {}),
  };
}
