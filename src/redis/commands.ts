/**
 * Sending commands and hearing how they ended. Under load the commands of one turn of the event loop leave in one
 * write: the socket is corked at the first and uncorked after the last, which makes 64 reads at a time one system call
 * without the bookkeeping of pipeline objects. A lone command is written at once, since corking costs it a fifth of its
 * time (measured); the size of the last turn foretells this one's. Each command answers within the deadline or is
 * given up. What replies and their absence say about the server is passed on as evidence (P36).
 */
import type { Clock } from '../contract/clock';
import type { Order } from '../contract/order';
import { type Awaited, Deadline } from '../guards/deadline';
import { errorCode } from './error-code';
import type { Stream } from './redis-like';

/** The commands of one turn; opened before the first of them is issued. */
export interface CommandBatch {
  /** `Order` number before which nothing of it was written; 0 while a corked batch still collects. */
  sentAt: number;
  readonly commands: Awaited[];
  /** Bytes that the connection had sent before it. */
  readonly sentBefore: number;
  /** Whether a failure of this turn was told: what fails together is one piece of evidence. */
  hasFailed: boolean;
  /** Corked until the turn ends. */
  socket: Stream | undefined;
  /** Sends what was collected for the end of the turn. `sentAt`: an `Order` number of that moment. */
  atEnd: ((sentAt: number) => void) | undefined;
  /** Generation keys that this turn reads or makes, so that each is asked for once. */
  generationReads: Map<string, Promise<string | undefined>> | undefined;
}

/** How a command ended whose caller was told that nothing is known: with a reply after all, or never. */
export type Afterwards = (replied: boolean, reply?: unknown) => void;

/** What the ends of commands say about the server. */
export interface Evidence {
  /** It has answered. */
  succeeded(): void;
  /** It has not answered in time, or is in no state to serve. */
  failed(): void;
  /** It has answered that it will not do this. */
  refused(error: Error): void;
}

/** The slowest line on which a large value can be sent, in bytes per ms: 80 Mbit/s. Nobody sees how far it has come. */
const LEAVING = 10_000;

/** Error replies of a server that cannot serve now; all others say that this one command was wrong, or out of place. */
const OUT_OF_SERVICE = new Set(['LOADING', 'READONLY', 'CLUSTERDOWN', 'MASTERDOWN']);

export class Commands {
  readonly #connection: { readonly stream?: Stream };
  readonly #order: Order;
  readonly #deadline: Deadline;
  readonly #deadlineMs: number;
  readonly #evidence: Evidence;
  #batch: CommandBatch | undefined;
  /** How many commands the last turn sent. */
  lastCount = 0;
  #sent = 0;
  /** Of the bytes sent, those that have arrived, as a reply has shown. */
  #confirmed = 0;

  constructor(
    connection: { readonly stream?: Stream },
    order: Order,
    clock: Clock,
    deadlineMs: number,
    evidence: Evidence,
  ) {
    this.#connection = connection;
    this.#order = order;
    this.#deadline = new Deadline(clock, deadlineMs, () => ({
      received: connection.stream?.bytesRead ?? 0,
      leavingMs: this.leavingMs,
    }));
    this.#deadlineMs = deadlineMs;
    this.#evidence = evidence;
  }

  /** The batch of this turn. Issue the command after this, or the socket is not corked yet. */
  open(): CommandBatch {
    if (this.#batch !== undefined) return this.#corked(this.#batch);
    const socket = this.lastCount > 1 ? this.#connection.stream : undefined;
    const sentAt = socket === undefined ? this.#order.next() : 0;
    const batch: CommandBatch = {
      sentAt,
      commands: [],
      sentBefore: this.#sent,
      socket,
      hasFailed: false,
      atEnd: undefined,
      generationReads: undefined,
    };
    this.#batch = batch;
    socket?.cork();
    process.nextTick(this.#flush, batch);
    return batch;
  }

  /** From the second command on, what was not foreseen to be more than one is held together, too. */
  #corked(batch: CommandBatch): CommandBatch {
    if (batch.socket === undefined && batch.commands.length > 0) {
      batch.socket = this.#connection.stream;
      batch.socket?.cork();
    }
    return batch;
  }

  /** Calls `send` once, when this turn ends: what it sends leaves with the turn, after the number of every caller. */
  atEnd(send: (sentAt: number) => void): void {
    this.open().atEnd = send;
  }

  /** Never rejects: `answered` or `failed` makes the result of whatever happens first. */
  ask<T>(
    batch: CommandBatch,
    command: Promise<unknown>,
    answered: (reply: unknown, sentAt: number) => T | PromiseLike<T>,
    failed: (error: Error, sentAt: number) => T,
    afterwards?: Afterwards,
  ): Promise<T> {
    return new Promise((resolve) => {
      this.hear(
        batch,
        command,
        (reply) => resolve(answered(reply, batch.sentAt)),
        (error) => resolve(failed(error, batch.sentAt)),
        afterwards,
      );
    });
  }

  /** As `ask`, without a promise: one of the two is called once. */
  hear(
    batch: CommandBatch,
    command: Promise<unknown>,
    answered: (reply: unknown) => void,
    failed: (error: Error) => void,
    afterwards?: Afterwards,
  ): void {
    const awaited: Awaited = {
      settled: false,
      expire: (isEvidence) => {
        if (isEvidence) this.#failed(batch);
        failed(new Error(`no reply within ${this.#deadlineMs} ms`));
      },
    };
    batch.commands.push(awaited);
    command.then(
      (reply) => {
        if (awaited.settled) {
          afterwards?.(true, reply);
          return;
        }
        settle(awaited);
        this.#confirmed = batch.sentBefore;
        this.#evidence.succeeded();
        try {
          answered(reply);
        } catch (error) {
          // Not a reply that Redis gives. An exception here would end the process.
          failed(error as Error);
        }
      },
      (error: Error) => {
        // An error reply is an answer: the command did not run. Anything else leaves open whether it did.
        if (error.name !== 'ReplyError') afterwards?.(false);
        if (awaited.settled) return;
        settle(awaited);
        if (error.name === 'ReplyError') this.#refused(batch, error);
        failed(error);
      },
    );
  }

  /** How long it may take until what was sent has arrived. */
  get leavingMs(): number {
    return Math.max(0, this.#sent - this.#confirmed) / LEAVING;
  }

  close(): void {
    this.#deadline.close();
  }

  #refused(batch: CommandBatch, error: Error): void {
    if (OUT_OF_SERVICE.has(errorCode(error))) this.#failed(batch);
    else this.#evidence.succeeded();
    this.#evidence.refused(error);
  }

  #failed(batch: CommandBatch): void {
    if (batch.hasFailed) return;
    batch.hasFailed = true;
    this.#evidence.failed();
  }

  #flush = (batch: CommandBatch): void => {
    batch.atEnd?.(this.#order.next());
    this.#batch = undefined;
    this.lastCount = batch.commands.length;
    // A command that was written at once has been sent since the batch was opened; the others have not, until now.
    if (batch.sentAt === 0) batch.sentAt = this.#order.next();
    batch.socket?.uncork();
    this.#sent = this.#connection.stream?.bytesWritten ?? 0;
    this.#deadline.watch(batch.commands);
  };
}

/** The deadline's queue holds on to commands until their time is up: what they would do then must not hold the reply. */
function settle(awaited: Awaited): void {
  awaited.settled = true;
  awaited.expire = nothing;
}

const nothing = (): void => {};
