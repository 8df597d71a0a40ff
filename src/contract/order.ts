/**
 * A logical clock: a counter shared by everything in one cache that must know what came first in this process.
 * A call, the start of a load and the sending of a command each take the next number, so that "the command that
 * proved this value was sent after my call began" (P14) is a comparison of two integers.
 */
export class Order {
  #last = 0;

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}
