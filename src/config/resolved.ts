/**
 * `ResolvedConfig`: what the rooms above read. Every default is applied, every duration is in milliseconds, every choice
 * is a tagged union. Types only; made by `resolveConfig`, and by nothing else outside tests.
 */
import type { ConnectionOptions } from 'node:tls';
import type { Serializer } from '../contract/serializer';
import type { CompressionCodec, IoredisClient } from './cache-config';

/** A time to live per tier; `undefined` leaves a tier to its default. */
export interface TierTtl {
  readonly l1Ms: number | undefined;
  readonly l2Ms: number | undefined;
}

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

export interface ConnectionLogin {
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** `{}` for plain `tls: true`. */
  readonly tls: ConnectionOptions | undefined;
}

/** How Redis is reached. `db: undefined` means the URL's, or 0. */
export type ConnectionConfig =
  | (ConnectionLogin & { readonly kind: 'url'; readonly url: string; readonly db: number | undefined })
  | (ConnectionLogin & NodeAddress & { readonly kind: 'host'; readonly db: number | undefined })
  | (ConnectionLogin & { readonly kind: 'cluster'; readonly nodes: readonly NodeAddress[] })
  | (ConnectionLogin & {
      readonly kind: 'sentinel';
      readonly sentinels: readonly NodeAddress[];
      readonly name: string;
      readonly sentinelUsername: string | undefined;
      readonly sentinelPassword: string | undefined;
      readonly db: number | undefined;
    })
  | { readonly kind: 'client'; readonly client: IoredisClient };

export interface ResolvedL1 {
  readonly maxSize: number;
  readonly maxBytes: number | undefined;
  readonly defaultTtlMs: number;
  readonly sweepMs: number;
  /** 0 to 1. */
  readonly jitter: number;
}

export interface L2Times {
  readonly defaultTtlMs: number;
  readonly deadlineMs: number;
  readonly socketTimeoutMs: number;
  readonly invalidationBudgetMs: number;
}

export interface ResolvedCompression {
  readonly aboveBytes: number;
  readonly codec: CompressionCodec;
}

export interface ResolvedL2 extends L2Times {
  /** Undefined: nothing is compressed. */
  readonly compress: ResolvedCompression | undefined;
  readonly strict: boolean;
  readonly connection: ConnectionConfig;
}

export interface ResolvedLoad {
  readonly leaseMs: number;
  readonly waitMs: number;
  readonly maxMs: number;
}

export interface ResolvedCoherence {
  readonly transport: 'auto' | 'tracking' | 'pubsub';
  readonly heartbeatMs: number;
  readonly stalenessBoundMs: number;
  readonly degradedTtlMs: number;
}

export interface ResolvedMonitoring {
  /** Percent. */
  readonly hitRateThreshold: number;
  readonly alertOnLowHitRate: boolean;
  readonly responseTimeThresholdMs: number;
  /** Percent. */
  readonly memoryThreshold: number;
  /** Names per minute. */
  readonly invalidationRateThreshold: number;
  readonly minCalls: number;
  readonly alertWindowMs: number;
  readonly evaluateEveryMs: number;
  readonly collectEveryMs: number;
  readonly history: number;
}

export interface ResolvedConfig {
  readonly namespace: string;
  readonly l1: false | ResolvedL1;
  readonly l2: false | ResolvedL2;
  readonly presets: ReadonlyMap<string, TierTtl>;
  /** Patterns by event name. */
  readonly events: ReadonlyMap<string, readonly string[]>;
  readonly patterns: readonly string[];
  readonly load: ResolvedLoad;
  readonly coherence: ResolvedCoherence;
  readonly monitoring: ResolvedMonitoring;
  readonly serializer: 'json' | 'structured' | Serializer;
  readonly protect: 'freeze' | 'clone' | 'none';
  readonly warnRoundTrip: boolean;
  readonly statistics: boolean;
  readonly context: (() => unknown) | undefined;
  readonly requireContext: readonly string[];
}
