/**
 * Plain reads of one connection (reads, P11): what one turn of the event loop asks for leaves as one `MGET`, generation
 * keys included. If the server refuses that, and for a lone name, it is `GET`s, corked like other commands.
 */
import type { Commands } from './commands';
import { errorCode } from './error-code';
import type { RedisLike } from './redis-like';
import { slotOf } from './slots';

/**
 * Called once, with what the first name holds, or why that is not known, and with what the others hold. Must not throw.
 * In an `MGET`, a value of another Redis type looks like none.
 */
export type Told = (first: Buffer | null | Error, others: readonly (Buffer | null)[], sentAt: number) => void;

interface Read {
  readonly names: readonly string[];
  readonly told: Told;
}

const MAX_NAMES = 128;
/** An `MGET` is kept to about so many bytes of reply: it holds up whoever else asks this server. */
const MAX_BYTES = 262_144;
/** Weight of the newest reply in the mean size of a value. */
const WEIGHT = 1 / 16;
const NONE: readonly (Buffer | null)[] = [];

export class Reads {
  readonly #client: RedisLike;
  readonly #commands: Commands;
  readonly #isOneOfMany: boolean;
  /** How many were asked in the last turn that read anything. */
  lastCount = 0;
  #waiting: Read[] = [];
  #meanBytes = 0;
  /** Until the server refuses it: a user may lack the permission, a proxy the command. */
  #hasMget = true;

  constructor(client: RedisLike, commands: Commands, isOneOfMany: boolean) {
    this.#client = client;
    this.#commands = commands;
    this.#isOneOfMany = isOneOfMany;
  }

  /** The names stay together: they are seen at one moment. In a cluster there is one. */
  ask(names: readonly string[], told: Told): void {
    if (this.#waiting.length === 0) this.#commands.atEnd(this.#send);
    this.#waiting.push({ names, told });
  }

  #send = (sentAt: number): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.lastCount = waiting.length;
    if (!this.#hasMget) for (const read of waiting) this.#getEach(read, sentAt);
    else if (this.#isOneOfMany) for (const reads of bySlot(waiting)) this.#sendTogether(reads, sentAt);
    else this.#sendTogether(waiting, sentAt);
  };

  #sendTogether(reads: readonly Read[], sentAt: number): void {
    const most = Math.min(MAX_NAMES, Math.ceil(MAX_BYTES / this.#meanBytes));
    let from = 0;
    let names = 0;
    for (let at = 0; at < reads.length; at += 1) {
      const more = reads[at]!.names.length;
      if (names > 0 && names + more > most) {
        this.#sendChunk(reads.slice(from, at), sentAt);
        from = at;
        names = 0;
      }
      names += more;
    }
    this.#sendChunk(from === 0 ? reads : reads.slice(from), sentAt);
  }

  #sendChunk(reads: readonly Read[], sentAt: number): void {
    const { names, told } = reads[0]!;
    if (reads.length === 1 && names.length === 1) this.#get(names[0]!, sentAt, told);
    else this.#mget(reads, sentAt);
  }

  #mget(reads: readonly Read[], sentAt: number): void {
    // Keys have generation keys in common: each name is asked for once.
    const places = new Map<string, number>();
    for (const { names } of reads) {
      for (const name of names) if (!places.has(name)) places.set(name, places.size);
    }
    this.#commands.hear(
      this.#commands.open(),
      this.#client.callBuffer('MGET', ...places.keys()),
      (reply) => {
        const values = reply as readonly (Buffer | null)[];
        for (const value of values) this.#measure(value);
        for (const { names, told } of reads) {
          const [first, ...others] = names;
          told(
            values[places.get(first!)!]!,
            others.length === 0 ? NONE : others.map((name) => values[places.get(name)!]!),
            sentAt,
          );
        }
      },
      (error) => {
        if (!isRefusal(error)) for (const { told } of reads) told(error, NONE, sentAt);
        else {
          this.#hasMget = false;
          for (const { names, told } of reads) this.ask(names, told);
        }
      },
    );
  }

  #getEach({ names, told }: Read, sentAt: number): void {
    const values: (Buffer | null | Error)[] = [];
    let missing = names.length;
    for (const [index, name] of names.entries()) {
      this.#get(name, sentAt, (value) => {
        values[index] = value;
        missing -= 1;
        if (missing > 0) return;
        const [first = null, ...others] = values;
        told(
          first,
          others.map((other) => (other instanceof Error ? null : other)),
          sentAt,
        );
      });
    }
  }

  #get(name: string, sentAt: number, told: Told): void {
    this.#commands.hear(
      this.#commands.open(),
      this.#client.getBuffer(name),
      (reply) => {
        this.#measure(reply as Buffer | null);
        told(reply as Buffer | null, NONE, sentAt);
      },
      (error) => told(error, NONE, sentAt),
    );
  }

  #measure(value: Buffer | null): void {
    this.#meanBytes += ((value?.length ?? 0) - this.#meanBytes) * WEIGHT;
  }
}

function bySlot(reads: readonly Read[]): Iterable<readonly Read[]> {
  const slots = new Map<number, Read[]>();
  for (const read of reads) {
    const slot = slotOf(read.names[0]!);
    const others = slots.get(slot);
    if (others === undefined) slots.set(slot, [read]);
    else others.push(read);
  }
  return slots.values();
}

function isRefusal(error: Error): boolean {
  const code = errorCode(error);
  return code === 'NOPERM' || code === 'CROSSSLOT' || /unknown command/i.test(error.message);
}
