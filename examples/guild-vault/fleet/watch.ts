/**
 * Reads some views over and over while somebody else changes them, and remembers when the last old value was read, and when
 * all had become new. It judges nothing.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Row } from '../guild-database';
import { machineTime } from './machine-time';

/** Moments are machine time. */
export interface L2Read {
  /** When the last read of an old value began, whether or not newer ones had been seen before. */
  readonly lastOldAt: number;
  /** When each view had shown its new value; `null`: one never did. */
  readonly allNewAt: number | null;
  readonly reads: number;
}

const PAUSE_MS = 1;
/** How long they are read on after all have become new: an old value that comes back would be seen. */
const AFTERWARDS_MS = 60;
/** Then it is in vain. Far beyond the staleness bound. */
const PATIENCE_MS = 1_500;

export class Watch {
  /** Resolves when each view has been read once. */
  readonly begun: Promise<void>;
  readonly #reads: readonly (() => Promise<Row>)[];
  readonly #first: number[] = [];
  readonly #renewed = new Set<number>();
  #lastOldAt = 0;
  #allNewAt: number | null = null;
  #count = 0;
  #patienceEndsAt = Number.POSITIVE_INFINITY;
  readonly #ended: Promise<void>;

  constructor(reads: readonly (() => Promise<Row>)[]) {
    this.#reads = reads;
    this.begun = this.#round();
    this.#ended = this.begun.then(() => this.#goOn());
  }

  /** From now on its patience counts. */
  async end(): Promise<L2Read> {
    this.#patienceEndsAt = machineTime() + PATIENCE_MS;
    await this.#ended;
    return { lastOldAt: this.#lastOldAt, allNewAt: this.#allNewAt, reads: this.#count };
  }

  async #goOn(): Promise<void> {
    const endsAt = () => (this.#allNewAt === null ? this.#patienceEndsAt : this.#allNewAt + AFTERWARDS_MS);
    while (machineTime() < endsAt()) {
      await pause(PAUSE_MS);
      await this.#round();
    }
  }

  async #round(): Promise<void> {
    await Promise.all(this.#reads.map((read, index) => this.#look(read, index)));
    if (this.#allNewAt === null && this.#renewed.size === this.#reads.length) this.#allNewAt = machineTime();
  }

  async #look(read: () => Promise<Row>, index: number): Promise<void> {
    const begunAt = machineTime();
    const { revision } = await read();
    this.#count += 1;
    this.#first[index] ??= revision;
    if (revision > this.#first[index]) this.#renewed.add(index);
    else this.#lastOldAt = Math.max(this.#lastOldAt, begunAt);
  }
}
