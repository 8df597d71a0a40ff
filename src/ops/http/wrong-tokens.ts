/**
 * Slows down guessing. Each wrong token within a minute makes the answer to the next one later; beyond a limit they are
 * refused at once, so that waiting answers cannot pile up. The right token is never slowed down.
 */
import { type Clock, systemClock } from '../../contract/clock';
import { Refusal } from './refusal';

const WINDOW_MS = 60_000;
/** A slip of the hand costs nothing. */
const FREE = 3;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
const MOST_WAITING = 20;
const REPORTED_FROM = 10;

export class WrongTokens {
  readonly #clock: Clock;
  #windowEndsAt = 0;
  #count = 0;
  #waiting = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /**
   * Resolves when the request may be answered.
   * @throws Refusal if too many wait
   */
  async penalize(): Promise<void> {
    const now = this.#clock.now();
    if (now >= this.#windowEndsAt) {
      this.#windowEndsAt = now + WINDOW_MS;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count === REPORTED_FROM) this.#report();
    if (this.#count <= FREE) return;
    if (this.#waiting >= MOST_WAITING) {
      const seconds = Math.ceil((this.#windowEndsAt - now) / 1_000);
      throw new Refusal('TIERCEL_HTTP_TOO_MANY', 'Too many wrong tokens.', {
        'retry-after': String(seconds),
      });
    }
    const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.#count - FREE - 1));
    this.#waiting += 1;
    await new Promise<void>((resolve) => {
      this.#clock.setTimeout(resolve, delayMs).unref?.();
    });
    this.#waiting -= 1;
  }

  /** Once per window: requests come from outside, and must not be able to fill the log. */
  #report(): void {
    process.emitWarning(
      `The cache's endpoints got ${REPORTED_FROM} requests with a wrong token within a minute. Is a token guessed, or is one out of date?`,
      { code: 'TIERCEL_HTTP_WRONG_TOKENS' },
    );
  }
}
