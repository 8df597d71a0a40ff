/** When a lease may be the first command for a key, before anything was read (lease rule, P12). */
import type { Clock } from '../contract/clock';
import type { Commands } from './commands';
import type { Reads } from './reads';

/** For how long a refusal is remembered. */
const REFUSAL_MS = 5_000;
/** Reads of one turn that are worth a command of their own. */
const CROWD = 8;

export class FirstLease {
  readonly #clock: Clock;
  readonly #commands: Commands;
  readonly #reads: Reads;
  #refusedUntil = 0;

  constructor(clock: Clock, commands: Commands, reads: Reads) {
    this.#clock = clock;
    this.#commands = commands;
    this.#reads = reads;
  }

  /** The server takes no writes, for lack of memory or replicas say. Its hits must not be lost. */
  refused(): void {
    this.#refusedUntil = this.#clock.now() + REFUSAL_MS;
  }

  /** See `L2.canLeaseFirst`. */
  get can(): 'no' | 'yes' | 'in-crowd' {
    if (this.#clock.now() < this.#refusedUntil) return 'no';
    return Math.max(this.#reads.lastCount, this.#commands.lastCount) > CROWD ? 'in-crowd' : 'yes';
  }
}
