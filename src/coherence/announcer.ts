/**
 * The writing side of the pub/sub transport: tells the others of a write, on the connection that wrote. A process that
 * tracks announces as well, unless nobody listens: another one may have been refused that. A write whose fate is unknown is
 * the tier's to repeat, and is announced again then.
 */
import type { Clock } from '../contract/clock';
import { CoherenceRefusedError } from '../contract/errors';
import { busOf, encodeNames } from './bus';
import type { PublisherClient } from './subscriber-client';

export class Announcer {
  readonly #client: PublisherClient;
  readonly #bus: string;
  readonly #onRefused: (reason: CoherenceRefusedError) => void;
  readonly #clock: Clock;
  readonly #boundMs: number;
  /** When the last message was sent that reached nobody; `-Infinity` if one has reached somebody since. */
  #unheardAt = Number.NEGATIVE_INFINITY;
  #refusalTold = false;

  /**
   * @param client the connection that carries the writes: the server runs the commands of one connection in order
   * @param boundMs for how long it holds that nobody listens
   * @param onRefused called once when the server does not let this client publish: then nobody hears of its writes
   */
  constructor(
    client: PublisherClient,
    namespace: string,
    clock: Clock,
    boundMs: number,
    onRefused: (reason: CoherenceRefusedError) => void,
  ) {
    this.#clock = clock;
    this.#boundMs = boundMs;
    this.#client = client;
    this.#bus = busOf(namespace);
    this.#onRefused = onRefused;
  }

  /**
   * Call this in the turn in which `write` was sent, right behind it: both leave in one packet, and the server
   * announces the change as soon as it is made, even if this process dies meanwhile.
   *
   * A script that the server has forgotten is sent a second time by the client, then behind its announcement; who
   * heard that would read the old value again and keep it. The order of replies is the order of execution, so a write
   * that is not answered when its announcement is gets another one once it is.
   *
   * @param names the names that were written, without the namespace
   * @param write the reply to the command, or to the last of several
   */
  announce(names: readonly string[], write: Promise<unknown>): void {
    if (this.#clock.now() - this.#unheardAt < this.#boundMs) return;
    let answered = false;
    const settle = () => {
      answered = true;
    };
    write.then(settle, settle);
    // Decided in this very turn: the reply to a script that was sent again may be read together with this one's.
    this.#publish(names).then(() => {
      if (!answered) write.then(() => this.#publish(names), settle);
    });
  }

  /** Finds out whether anybody listens. */
  probe(): void {
    void this.#publish([]);
  }

  async #publish(names: readonly string[]): Promise<void> {
    try {
      const sentAt = this.#clock.now();
      const heardBy = await this.#client.publish(this.#bus, encodeNames(names));
      this.#unheardAt = heardBy === 0 ? sentAt : Number.NEGATIVE_INFINITY;
    } catch (error) {
      // Without a reply the write's own fate is unknown as well, and the tier sees to that.
      if ((error as Error).name === 'ReplyError') this.#refused(error as Error);
    }
  }

  #refused(error: Error): void {
    if (this.#refusalTold) return;
    this.#refusalTold = true;
    this.#onRefused(
      new CoherenceRefusedError({
        subject: this.#bus,
        expected: 'a server that lets this client publish',
        got: error.message,
        remedy: 'Processes that may not track do not hear of its writes until it does: allow PUBLISH.',
        cause: error,
      }),
    );
  }
}
