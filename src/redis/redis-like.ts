/**
 * The part of an ioredis client that the Redis tier uses, as a structure: a `Redis` fits it (`compileTimeCheck` below
 * fails to compile when it no longer does), and a test can stand in for one.
 */
import type { Redis } from 'ioredis';
import type { ScriptName, ScriptSource } from './scripts';

export interface Stream {
  cork(): void;
  uncork(): void;
  destroy(error: Error): unknown;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export interface RedisLike {
  readonly status: string;
  readonly stream?: Stream;
  /** Of commands without a reply. */
  readonly commandQueue: { readonly length: number };
  getBuffer(key: string): Promise<Buffer | null>;
  publish(channel: string, message: string): Promise<number>;
  callBuffer(command: string, ...args: (string | Buffer | number)[]): Promise<unknown>;
  defineCommand(name: string, definition: ScriptSource): void;
  on(event: string, listener: (...args: any[]) => void): unknown;
  connect(): Promise<void>;
  disconnect(reconnect?: boolean): void;
}

/** The methods that `defineCommand` adds for the scripts; the buffer variants, since entries may be binary. */
export type ScriptMethods = {
  [N in ScriptName as `${N}Buffer`]: (key: string, ...args: (string | Buffer | number)[]) => Promise<unknown>;
};

const compileTimeCheck = (client: Redis): RedisLike => client;
void compileTimeCheck;
