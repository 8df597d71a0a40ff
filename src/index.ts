/** The front door: everything that users import, by name. */

export type {
  GetOrSetManyOptions,
  GetOrSetOptions,
  InvalidateOptions,
  Invalidation,
  PutOptions,
  Readiness,
  SetManyOptions,
  SetOptions,
  TagsOption,
} from './api/call-options';
export type { Key, KeyValues, PatternInput, Tag } from './api/key-input';
export type { SomeValuesOf, Strategy, StrategyOptions } from './api/strategy';
export type {
  WarmEntries,
  WarmEntry,
  WarmOptions,
  WarmProgress,
  WarmReport,
} from './api/warming';
export type {
  CacheConfig,
  CoherenceConfig,
  L1Config,
  L2Config,
  LoadConfig,
  MonitoringConfig,
} from './config/cache-config';
export { defineCacheConfig } from './config/define';
export type { DurationText, Seconds } from './config/durations';
export type { ReadingOptions, StoringOptions, Ttl, TtlByResult } from './config/options';
export type { EventData, EventName, PresetName, Register } from './config/register';
export type { Clock, Timer } from './contract/clock';
export type {
  CacheMap,
  CheckOptions,
  Finding,
  FindingCode,
  MapEntry,
  MapFormat,
  MapInvalidation,
} from './contract/declared';
export {
  BulkResultError,
  CheckError,
  CoherenceRefusedError,
  ConfigError,
  type ConfigProblem,
  ConflictingDecoratorsError,
  ContextRequiredError,
  DecoratorOptionError,
  DecoratorTargetError,
  DurationError,
  KeyFunctionError,
  KeyInputError,
  LargeValueError,
  LoadContextError,
  LoadTimeoutError,
  MetricNameTakenError,
  MissingValueError,
  NamespaceTakenError,
  NotCacheableError,
  PatternInputError,
  PromClientMissingError,
  RedisRefusedError,
  RefreshError,
  RoundTripError,
  SchemaError,
  SyncMethodError,
  TagInputError,
  TemplateSyntaxError,
  TiercelError,
  TtlError,
  UnacknowledgedError,
  UnboundPlaceholderError,
  UncacheableValueError,
  UnexpectedMessageError,
  UnhashableValueError,
  UnknownEventError,
  UnknownPresetError,
  UnrenderableValueError,
  VersionError,
  WarmError,
} from './contract/errors';
export type { CacheEventName, CacheEvents } from './contract/events';
export type {
  Explanation,
  GroupExplanation,
  L1Explanation,
  L2Explanation,
  ReadExplanation,
} from './contract/explanation';
export type {
  InvalidationHistory,
  InvalidationRecord,
  InvalidationStatistics,
  InvalidationStrategy,
} from './contract/invalidation-history';
export type { LoadContext, Loader, StaleEntry } from './contract/load-context';
export type {
  Advice,
  Alert,
  AlertType,
  Fault,
  Health,
  MemoryReport,
  MemoryUse,
  Report,
} from './contract/report';
export type { Serializer } from './contract/serializer';
export type { StandardSchema } from './contract/standard-schema';
export type {
  CallStatistics,
  HitStatistics,
  L1MissCounts,
  LatencyStatistics,
  MethodStatistics,
  PeriodStatistics,
  Statistics,
  TierStatistics,
  WindowStatistics,
} from './contract/statistics';
export { type CreateOptions, createCache, type TiercelCache } from './create';
export { asMethodDecorator } from './decorators/as-method-decorator';
export { CacheDefaults, type CacheDefaultsOptions } from './decorators/cache-defaults';
export {
  type CacheEvent,
  CacheInvalidate,
  type CacheInvalidateOptions,
  type TaggedEntries,
} from './decorators/cache-invalidate';
export { CachePut, type CachePutOptions } from './decorators/cache-put';
export { Cacheable, type CacheableOptions } from './decorators/cacheable';
export { CacheableMany, type CacheableManyOptions } from './decorators/cacheable-many';
export { type CachedMethod, cached } from './decorators/cached';
export { UseCache } from './decorators/use-cache';
export type { LoadMany } from './engine/read/batch';
export { currentLoad } from './engine/read/run-load';
export { withoutCache } from './engine/runtime/bypass';
export type { InvalidationTrace, LoadTrace, ReadTrace } from './engine/runtime/tracing';
export type { Acknowledgement, PatternAcknowledgement } from './engine/write/invalidation';
export { defineKeys, type KeyBuilder, type KeyMap } from './keys/key-map';
export type { KeyPart } from './keys/placeholders';
