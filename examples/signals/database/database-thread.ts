/** What runs in the database's thread: PGlite, one statement after the other, in the order in which they were sent. */
import { parentPort } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';

export interface DatabaseRequest {
  readonly id: number;
  readonly sql: string;
  /** None: `sql` may be several statements. */
  readonly parameters: readonly unknown[];
}

export type DatabaseReply =
  | { readonly id: number; readonly rows: readonly unknown[] }
  | { readonly id: number; readonly error: string };

async function serve(port: NonNullable<typeof parentPort>): Promise<void> {
  const postgres = await PGlite.create({ loadDataDir: await dataDir() });
  port.on('message', async ({ id, sql, parameters }: DatabaseRequest) => {
    let reply: DatabaseReply;
    try {
      reply = { id, rows: await rowsOf(postgres, sql, parameters) };
    } catch (error) {
      reply = { id, error: error instanceof Error ? error.message : String(error) };
    }
    port.postMessage(reply);
  });
  port.postMessage('ready');
}

async function rowsOf(
  postgres: PGlite,
  sql: string,
  parameters: readonly unknown[],
): Promise<readonly unknown[]> {
  if (parameters.length > 0) return (await postgres.query(sql, [...parameters])).rows;
  return (await postgres.exec(sql)).at(-1)?.rows ?? [];
}

if (parentPort !== null) void serve(parentPort);
