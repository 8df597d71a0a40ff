/**
 * The door to the SQL database: sends statements, counts them, returns rows. PGlite is PostgreSQL in WebAssembly and
 * computes where it is called, so it runs in a thread of its own: like a database elsewhere, it answers later and does
 * not hold up the service meanwhile.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DatabaseReply, DatabaseRequest } from './database-thread';

interface Pending {
  readonly resolve: (rows: readonly unknown[]) => void;
  readonly reject: (error: Error) => void;
}

/** A statement failed; the message is PostgreSQL's. */
export class DatabaseError extends Error {}

export class Database {
  /** Statements sent since the start. */
  statements = 0;
  /** Sees every row on its way to the caller. */
  onRow: (row: unknown) => void = () => {};
  readonly #thread: Worker;
  readonly #pending = new Map<number, Pending>();

  private constructor(thread: Worker) {
    this.#thread = thread;
    thread.on('message', (reply: DatabaseReply) => this.#settle(reply));
    thread.on('error', (error) => this.#fail(error));
  }

  /** Starts an empty database in memory; takes some seconds. */
  static async start(): Promise<Database> {
    // What loads TypeScript in this process is passed on to the thread.
    const thread = new Worker(join(__dirname, 'database-thread.ts'));
    await once(thread, 'message');
    return new Database(thread);
  }

  /** @throws DatabaseError */
  async rows<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const id = this.statements;
    this.statements += 1;
    const request: DatabaseRequest = { id, sql, parameters };
    const rows = new Promise<readonly unknown[]>((resolve, reject) =>
      this.#pending.set(id, { resolve, reject }),
    );
    this.#thread.postMessage(request);
    return (await rows) as Row[];
  }

  /** For statements that always return a row. @throws DatabaseError, also if there is no row */
  async one<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row> {
    const [row] = await this.rows<Row>(sql, parameters);
    if (row === undefined) throw new DatabaseError(`No row for ${JSON.stringify(parameters)} in: ${sql}`);
    return row;
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
    this.#fail(new DatabaseError('The database was closed.'));
  }

  #settle(reply: DatabaseReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ('error' in reply) {
      pending?.reject(new DatabaseError(reply.error));
      return;
    }
    for (const row of reply.rows) this.onRow(row);
    pending?.resolve(reply.rows);
  }

  #fail(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
