/**
 * Memory in use against its limits: L1's bytes, V8's heap, Redis. It reads and divides; what is too much is for the
 * alerts to say.
 */
import { getHeapStatistics } from 'node:v8';
import type { MemoryReport, MemoryUse } from '../../contract/report';

/** Redis' own figures, in bytes. */
export interface RedisMemory {
  readonly usedBytes: number;
  /** 0: Redis has no limit. */
  readonly maxBytes: number;
}

export interface L1Limits {
  readonly maxSize: number;
  readonly maxBytes: number | undefined;
}

export function heapUse(): MemoryUse {
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  return memoryUse(used_heap_size, heap_size_limit);
}

export function l1Use(
  { size, bytes }: { readonly size: number; readonly bytes: number },
  { maxSize, maxBytes }: L1Limits,
): MemoryReport['l1'] {
  return { entries: size, maxEntries: maxSize, ...memoryUse(bytes, maxBytes) };
}

/** @param ageMs since it was read */
export function redisUse({ usedBytes, maxBytes }: RedisMemory, ageMs: number): MemoryReport['redis'] {
  return { ...memoryUse(usedBytes, maxBytes), ageSeconds: Math.round(ageMs / 1_000) };
}

/** A limit of 0 means no limit. */
function memoryUse(bytes: number, limit: number | undefined): MemoryUse {
  if (limit === undefined || limit === 0) return { bytes, limitBytes: null, percent: null };
  return { bytes, limitBytes: limit, percent: Math.round((bytes / limit) * 1_000) / 10 };
}
