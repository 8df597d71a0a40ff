/** Reads a key of one node, and generation keys beside it: raw replies in, what they mean out (reads, P11). */
import type { ReadTold } from '../contract/l2';
import { opened } from './compression';
import type { RedisConnection } from './redis-connection';
import { generationOfRun } from './redis-generations';
import { failedRead, observe } from './replies';

const NONE: readonly string[] = [];

export function readKey(
  { reads, prefix, runId }: RedisConnection,
  key: string,
  beside: readonly string[],
  told: ReadTold,
): void {
  const names = beside.length === 0 ? [prefix + key] : [key, ...beside].map((name) => prefix + name);
  reads.ask(names, (first, others, sentAt) => {
    const seen = first instanceof Error ? failedRead(first, sentAt) : opened(observe(first, sentAt));
    const generations = others.length === 0 ? NONE : others.map((value) => generationOfRun(value, runId));
    if (seen instanceof Promise) void seen.then((entry) => told(entry, generations));
    else told(seen, generations);
  });
}
