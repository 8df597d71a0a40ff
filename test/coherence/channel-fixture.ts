/**
 * What the tests of the channels stand on: a channel on a real connection with a record of what it reported, a clock
 * that can be moved and knows its timers, and waiting that no fake timer stops.
 */
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { ChannelOptions } from '../../src/coherence/subscriber-channel';
import type { SubscriberClient } from '../../src/coherence/subscriber-client';
import { type Clock, systemClock, type Timer } from '../../src/contract/clock';
import type { Channel, ChannelListener } from '../../src/contract/coherence';

const monotonic = performance.now.bind(performance);

export type ChannelClass = new (
  client: SubscriberClient,
  listener: ChannelListener,
  clock: Clock,
  options: ChannelOptions,
) => Channel;

export const BOUND_MS = 500;

/** Runs in real time, and ahead of it by what the test has skipped. */
export class TestClock implements Clock {
  readonly #timers = new Set<Timer>();
  #aheadMs = 0;
  /** What the last timeout was set to, in ms: the pace of the watch, once nobody waits for the channel to settle. */
  lastTimeoutMs: number | undefined;
  timeoutsSet = 0;
  /** Runs right after each run of an interval: the channel's heartbeat. */
  afterBeat: (() => void) | undefined;

  get timers(): number {
    return this.#timers.size;
  }

  skip(ms: number): void {
    this.#aheadMs += ms;
  }

  now(): number {
    return systemClock.now() + this.#aheadMs;
  }

  wall(): number {
    return systemClock.wall() + this.#aheadMs;
  }

  setTimeout(callback: () => void, ms: number): Timer {
    this.lastTimeoutMs = ms;
    this.timeoutsSet += 1;
    const timer = systemClock.setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: Timer | undefined): void {
    if (timer !== undefined) this.#timers.delete(timer);
    systemClock.clearTimeout(timer);
  }

  setInterval(callback: () => void, ms: number): Timer {
    const timer = systemClock.setInterval(() => {
      callback();
      this.afterBeat?.();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  clearInterval(timer: Timer | undefined): void {
    if (timer !== undefined) this.#timers.delete(timer);
    systemClock.clearInterval(timer);
  }
}

/** A channel with everything that it reported, in order, and whether it was trusted while it did. */
export class Subject implements ChannelListener {
  readonly namespace = `t${randomBytes(6).toString('hex')}`;
  readonly clock = new TestClock();
  readonly reports: string[] = [];
  readonly trustedAt: string[] = [];
  readonly refusals: Error[] = [];
  readonly strange: Error[] = [];
  readonly channel: Channel;
  #trustedUntil = Number.NEGATIVE_INFINITY;
  #usedAt = Number.NEGATIVE_INFINITY;

  constructor(Transport: ChannelClass, client: SubscriberClient, options: Partial<ChannelOptions> = {}) {
    this.channel = new Transport(client, this, this.clock, {
      namespace: this.namespace,
      heartbeatMs: 100,
      stalenessBoundMs: BOUND_MS,
      runOf: async () => 'run',
      confirms: async () => true,
      onRefused: (reason) => this.refusals.push(reason),
      onStrangeMessage: (reason) => this.strange.push(reason),
      ...options,
    });
  }

  get trusted(): boolean {
    const now = this.clock.now();
    this.#usedAt = now;
    return now < this.#trustedUntil;
  }

  get age(): number {
    return this.channel.age(this.clock.now());
  }

  count(report: string): number {
    return this.reports.filter((each) => each === report).length;
  }

  changed(name: string): void {
    this.reports.push(`changed ${name}`);
  }

  flushed(): void {
    this.reports.push('flushed');
  }

  lost(): void {
    this.reports.push('lost');
    if (this.trusted) this.trustedAt.push('lost');
  }

  established(): void {
    this.reports.push('established');
    if (this.trusted) this.trustedAt.push('established');
  }

  trustedUntil(time: number): void {
    this.#trustedUntil = time;
  }

  usedAt(): number {
    return this.#usedAt;
  }
}

/** A client with the options that a channel asks for. */
export function subscriberClient(port: number): Redis {
  return new Redis({
    port,
    host: '127.0.0.1',
    protocol: 2,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 500,
    retryStrategy: (attempt) => Math.min(20 * attempt, 250),
  });
}

/** Keeps the event loop from turning, as a long computation does. */
export function stall(ms: number): void {
  const end = monotonic() + ms;
  while (monotonic() < end);
}
