/** The worker processes: starts them over one database, and ends them. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { GuildDatabase } from '../guild-database';
import type { GuildWorker } from './guild-worker';
import { ProcessLine, type Remote } from './process-line';

export type WorkerHandle = Remote<GuildWorker>;

export class Fleet {
  readonly workers: readonly WorkerHandle[];
  readonly #processes: readonly ChildProcess[];

  /** @param redisUrl undefined: each has its memory alone */
  constructor(
    size: number,
    database: GuildDatabase,
    { namespace, redisUrl = '' }: { readonly namespace: string; readonly redisUrl: string | undefined },
  ) {
    const program = join(__dirname, 'worker-process.ts');
    this.#processes = Array.from({ length: size }, () => fork(program, [namespace, redisUrl]));
    this.workers = this.#processes.map((child) => {
      const line = new ProcessLine(child);
      line.offer(database);
      return line.remote<GuildWorker>();
    });
  }

  /** Their caches are closed in order. */
  async end(): Promise<void> {
    const running = this.#processes.filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    );
    await Promise.all(
      running.map(async (child) => {
        const exited = once(child, 'exit');
        if (child.connected) child.disconnect();
        await exited;
      }),
    );
  }
}
