/**
 * How full Redis is, by its own account: `INFO memory` on the data connections, within the deadline. Of a cluster, the
 * master that is fullest, since it is the first to evict.
 */
import type { RedisConnection } from './redis-connection';

export interface MemoryFigures {
  readonly usedBytes: number;
  /** 0: no limit. */
  readonly maxBytes: number;
}

/** Undefined where Redis does not answer in time, or does not tell. Never rejects. */
export async function redisMemory(
  connections: readonly RedisConnection[],
): Promise<MemoryFigures | undefined> {
  const usable = connections.filter((connection) => connection.usable);
  const all = await Promise.all(
    usable.map(({ commands, client }) =>
      commands.ask(commands.open(), client.callBuffer('INFO', 'memory'), figuresIn, () => undefined),
    ),
  );
  const known = all.filter((figures) => figures !== undefined);
  return known.sort((a, b) => fullness(b) - fullness(a))[0];
}

function figuresIn(reply: unknown): MemoryFigures | undefined {
  const info = String(reply);
  const figure = (name: string) => new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1];
  const used = figure('used_memory');
  return used === undefined
    ? undefined
    : { usedBytes: Number(used), maxBytes: Number(figure('maxmemory') ?? 0) };
}

function fullness({ usedBytes, maxBytes }: MemoryFigures): number {
  return maxBytes === 0 ? 0 : usedBytes / maxBytes;
}
