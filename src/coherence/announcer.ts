/**
 * The writing side of the pub/sub transport: tells the others of a write, on the connection that wrote. It sends what
 * it is given and keeps nothing; a write whose fate is unknown is the tier's to repeat, and is announced again then.
 */
import { CoherenceRefusedError } from '../contract/errors';
import { busOf, encodeNames } from './bus';
import type { PublisherClient } from './subscriber-client';

// See poll-watch.ts.
const { setImmediate } = globalThis;

export class Announcer {
  readonly #client: PublisherClient;
  readonly #bus: string;
  readonly #onRefused: (reason: CoherenceRefusedError) => void;
  #refusalTold = false;

  /**
   * @param client the connection that carries the writes: the server runs the commands of one connection in order
   * @param onRefused called once when the server does not let this client publish: then nobody hears of its writes
   */
  constructor(
    client: PublisherClient,
    namespace: string,
    onRefused: (reason: CoherenceRefusedError) => void,
  ) {
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
    let answered = false;
    const settle = () => {
      answered = true;
    };
    write.then(settle, settle);
    this.#publish(names).then(() => {
      // The reply may be here and still on its way through the client's promises.
      setImmediate(() => {
        if (!answered) write.then(() => this.#publish(names), settle);
      });
    });
  }

  async #publish(names: readonly string[]): Promise<void> {
    try {
      await this.#client.publish(this.#bus, encodeNames(names));
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
        remedy: 'Other processes do not hear of its writes until it does: allow PUBLISH, or turn L1 off.',
        cause: error,
      }),
    );
  }
}
