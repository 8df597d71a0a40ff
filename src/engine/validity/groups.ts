/**
 * Groups (P5 to P8): each has a marker in L2 that holds a random token. An entry carries the tokens that its groups had
 * before it was loaded; it is valid only while they are still the markers'. Removing a marker therefore invalidates all
 * entries of its group at once, also those that are being loaded, and in L1 without looking at any.
 *
 * This file keeps what is known of tokens. A known token is relied on only while the channel is trusted; a message for
 * a marker makes its token unknown, not changed: the next use reads it (P33).
 */
import type { Clock } from '../../contract/clock';
import type { Channel } from '../../contract/coherence';
import type { MarkerTier } from '../../contract/l2';
import type { Fences } from './fences';
import { NAMESPACE_MARKER } from './shapes';

export interface Group {
  /** The marker's name. */
  readonly name: string;
  /** Undefined: not known, and to be read before it is compared. */
  token: string | undefined;
  /** On the local clock: until then the marker is known to exist for long enough (P8). */
  extendedUntil: number;
  usedSinceTouch: boolean;
}

/** Markers live at least this long, and twice as long as the longest entry under them. */
const MARKER_MS = 24 * 3_600_000;

export class Groups {
  readonly #clock: Clock;
  readonly #channel: Channel;
  readonly #markers: MarkerTier;
  readonly #fences: Fences;
  readonly #limit: number;
  readonly #table = new Map<string, Group>();

  constructor(clock: Clock, channel: Channel, markers: MarkerTier, fences: Fences, limit: number) {
    this.#clock = clock;
    this.#channel = channel;
    this.#markers = markers;
    this.#fences = fences;
    this.#limit = limit;
  }

  /** The namespace's own group, and those of the given markers. */
  of(markers: readonly string[]): readonly Group[] {
    const groups = [this.#group(NAMESPACE_MARKER)];
    for (const marker of markers) groups.push(this.#group(marker));
    return groups;
  }

  /** The groups of the given markers alone. */
  only(markers: readonly string[]): readonly Group[] {
    return markers.map((marker) => this.#group(marker));
  }

  /** The tokens, where all are known and may be relied on now; no command is needed then. */
  known(groups: readonly Group[]): readonly string[] | undefined {
    if (!this.#channel.trusted(this.#clock.now())) return undefined;
    const tokens: string[] = [];
    for (const group of groups) {
      if (group.token === undefined) return undefined;
      tokens.push(group.token);
    }
    return tokens;
  }

  /** The tokens as L2 has them now, creating markers that do not exist; undefined where L2 does not answer. */
  async read(groups: readonly Group[]): Promise<readonly string[] | undefined> {
    const tokens = await Promise.all(groups.map((group) => this.#read(group)));
    return tokens.every((token) => token !== undefined) ? tokens : undefined;
  }

  /** Before a fill: markers must outlive the entry (P8). At most once per half of a marker's life and process. */
  extend(groups: readonly Group[], entryMs: number): void {
    const now = this.#clock.now();
    for (const group of groups) {
      if (group.name === NAMESPACE_MARKER || group.extendedUntil > now + entryMs) continue;
      const ms = lifetimeFor(entryMs);
      group.extendedUntil = now + ms / 2;
      void this.#markers.extendMarker(group.name, ms);
    }
  }

  /** This marker was written or removed by somebody. */
  forget(name: string): void {
    this.#fences.heard(name);
    const group = this.#table.get(name);
    if (group !== undefined) group.token = undefined;
  }

  /**
   * This process invalidates the group. What L1 has of it goes for good: should the marker's removal not come through,
   * its old token would be read again, and must not bring the old copies back.
   */
  detach(name: string): void {
    this.forget(name);
    this.#table.delete(name);
  }

  forgetAll(): void {
    for (const group of this.#table.values()) group.token = undefined;
  }

  /** Tells L2 that the markers in use are in use: eviction by age would take what it never sees read (P8). */
  touch(): void {
    const used: string[] = [];
    for (const group of this.#table.values()) {
      if (group.usedSinceTouch) used.push(group.name);
      group.usedSinceTouch = false;
    }
    if (used.length > 0) void this.#markers.touch(used);
  }

  async #read(group: Group): Promise<string | undefined> {
    const fence = this.#fences.open(group.name);
    try {
      const seen = group.token === undefined ? undefined : await this.#markers.peekMarker(group.name);
      const ms = group.name === NAMESPACE_MARKER ? undefined : MARKER_MS;
      const token = seen ?? (await this.#markers.readMarker(group.name, ms));
      if (token !== undefined && !fence.dirty && this.#channel.trusted(this.#clock.now()))
        group.token = token;
      return token;
    } finally {
      this.#fences.close(fence);
    }
  }

  #group(name: string): Group {
    let group = this.#table.get(name);
    if (group === undefined) {
      group = { name, token: undefined, extendedUntil: 0, usedSinceTouch: false };
      this.#table.set(name, group);
      if (this.#table.size > this.#limit) this.#dropOldest();
    }
    group.usedSinceTouch = true;
    return group;
  }

  /** L1 entries hold on to the group that is dropped: without a token it makes them misses. */
  #dropOldest(): void {
    for (const [name, group] of this.#table) {
      if (name === NAMESPACE_MARKER) continue;
      group.token = undefined;
      this.#table.delete(name);
      return;
    }
  }
}

function lifetimeFor(entryMs: number): number {
  return Math.max(MARKER_MS, 2 * entryMs);
}
