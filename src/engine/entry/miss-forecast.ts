/**
 * Whether the next lookup of a method in L2 will probably find nothing. Then the lease is asked for first, which saves a
 * round trip if nothing is there, and costs a little if an entry is (lease rule, P12).
 */

/** Weight of the newest lookup in the share of those that found nothing. */
const WEIGHT = 1 / 16;
/** With a single threshold, half the lookups would take one way and half the other. */
const ON_ABOVE = 0.25;
const OFF_BELOW = 0.1;
/** In a turn with many reads these share one command, which a lease cannot. */
const ON_ABOVE_IN_CROWD = 0.6;

export class MissForecast {
  #absent = 1;
  #isOn = true;

  /** One lookup: whether the key was absent. */
  note(isAbsent: boolean): void {
    this.#absent += ((isAbsent ? 1 : 0) - this.#absent) * WEIGHT;
    if (this.#absent > ON_ABOVE) this.#isOn = true;
    else if (this.#absent < OFF_BELOW) this.#isOn = false;
  }

  /** @param inCrowd many reads leave in one turn */
  expectsMiss(inCrowd: boolean): boolean {
    return inCrowd ? this.#absent > ON_ABOVE_IN_CROWD : this.#isOn;
  }
}
