/**
 * Every error that tiercel itself raises: one class per failure, each with a stable `code`.
 * An error names its `subject`, what was `expected` and what it `got`. Messages may change, codes may not.
 * The error of a method or loader is never wrapped: it reaches the caller unchanged.
 */
import type { Finding } from './declared';

export interface ErrorDetails {
  /** The template, option, key or name that the error is about. */
  readonly subject?: string;
  readonly expected: string;
  readonly got: string;
  /** What to do about it, in one sentence. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

export abstract class TiercelError extends Error {
  abstract readonly code: string;
  readonly subject: string | undefined;
  readonly expected: string;
  readonly got: string;

  constructor(title: string, { subject, expected, got, remedy, cause }: ErrorDetails) {
    const about = subject === undefined ? title : `${title} (${subject})`;
    const advice = remedy === undefined ? '' : ` ${remedy}`;
    super(
      `${about}: expected ${expected}, got ${got}.${advice}`,
      cause === undefined ? undefined : { cause },
    );
    this.subject = subject;
    this.expected = expected;
    this.got = got;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** A class of errors that differ in their details alone. `title` begins the message: `<title> (<subject>): expected ...`. */
function errorClass<Code extends string>(code: Code, title: string): CodedErrorClass<Code> {
  return class extends TiercelError {
    readonly code = code;

    constructor(details: ErrorDetails) {
      super(title, details);
    }
  };
}

type CodedErrorClass<Code extends string> = new (
  details: ErrorDetails,
) => TiercelError & { readonly code: Code };

/** One thing that is wrong in a configuration. */
export interface ConfigProblem {
  /** The option's path: `l2.port`, `ttl.prices`, `events.signal.created[0]`. */
  readonly path: string;
  readonly expected: string;
  /** The value found, described; never a password. */
  readonly got: string;
}

/** The configuration cannot be used; lists everything that is wrong with it, not just the first. */
export class ConfigError extends TiercelError {
  readonly code = 'TIERCEL_CONFIG';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ path, expected, got }) => `\n  ${path}: expected ${expected}, got ${got}`);
    super('Invalid cache configuration', {
      expected: 'every option to be valid',
      got: `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}:${lines.join('')}`,
    });
    this.problems = problems;
  }
}

/** A duration that cannot be read, is negative, or is longer than ten years. */
export class DurationError extends errorClass('TIERCEL_DURATION', 'Invalid duration') {}

/** A `ttl` of the wrong shape, or one that asks L1 to outlive L2. */
export class TtlError extends errorClass('TIERCEL_TTL', 'Invalid ttl') {}

/** A `ttl` names a preset that the configuration does not have. */
export class UnknownPresetError extends errorClass('TIERCEL_UNKNOWN_PRESET', 'Unknown ttl preset') {}

/** A decorator is used on something that is not a method: a getter, a field, a class. */
export class DecoratorTargetError extends errorClass('TIERCEL_DECORATOR_TARGET', 'Not a method') {}

/** A decorated method returned something other than a promise. A cached value can only be given as a promise. */
export class SyncMethodError extends errorClass(
  'TIERCEL_SYNC_METHOD',
  'Decorated method is not asynchronous',
) {}

/** An option, key or pattern list of a decorator does not exist or has the wrong form. */
export class DecoratorOptionError extends errorClass(
  'TIERCEL_DECORATOR_OPTION',
  'Invalid decorator option',
) {}

/** Decorators on one method contradict each other. */
export class ConflictingDecoratorsError extends errorClass(
  'TIERCEL_CONFLICTING_DECORATORS',
  'Conflicting decorators',
) {}

/** The function form of a key or of patterns did not return a string. */
export class KeyFunctionError extends errorClass('TIERCEL_KEY_FUNCTION', 'Key function returned no key') {}

/** A template of a cache with `requireContext` lacks the context, and its decorator does not say `shared: true`. */
export class ContextRequiredError extends errorClass('TIERCEL_CONTEXT_REQUIRED', 'Key without its context') {}

/** The result of a method with `@CacheableMany` is of another kind or length than it declares. */
export class BulkResultError extends errorClass('TIERCEL_BULK_RESULT', 'Result does not fit its list') {}

/** `cached()` was asked for a method that has no `@Cacheable`, or has a foreign wrapper above it. */
export class NotCacheableError extends errorClass('TIERCEL_NOT_CACHEABLE', 'Not a cached method') {}

/** A key template or an invalidation pattern does not follow the grammar. */
export class TemplateSyntaxError extends errorClass('TIERCEL_TEMPLATE_SYNTAX', 'Bad key template') {}

/** A placeholder names nothing that the method, its options or the caller of a key builder can provide. */
export class UnboundPlaceholderError extends errorClass(
  'TIERCEL_UNBOUND_PLACEHOLDER',
  'Unbound placeholder',
) {}

/** A required placeholder has no value: `null`, `undefined`, or a path that leads through one of them. */
export class MissingValueError extends errorClass('TIERCEL_MISSING_VALUE', 'Missing value for a key') {}

/** A value has no string that would identify it in a key: an object, a function, a symbol, NaN, an invalid Date. */
export class UnrenderableValueError extends errorClass(
  'TIERCEL_UNRENDERABLE_VALUE',
  'Value cannot be a part of a key',
) {}

/** The `hash` filter met something that it cannot read: a cycle, a function, private state. */
export class UnhashableValueError extends errorClass(
  'TIERCEL_UNHASHABLE_VALUE',
  'Value cannot be hashed for a key',
) {}

/** Whether a value of the call, rather than the template or a missing value, is why there is no key. */
export function isUnrenderable(error: unknown): boolean {
  return error instanceof UnrenderableValueError || error instanceof UnhashableValueError;
}

/** A value that can be read once, such as a stream, was to be stored. It was returned, and not stored. */
export class UncacheableValueError extends errorClass('TIERCEL_UNCACHEABLE', 'Value cannot be stored') {}

/** An instance of a class comes back from L2 as a plain object. It was stored; readers of L2 get its fields alone. */
export class RoundTripError extends errorClass('TIERCEL_ROUND_TRIP', 'Value changes in its serializer') {}

/** An entry in L2 does not fit the `schema` of the method that reads it. It counts as a miss. */
export class SchemaError extends errorClass('TIERCEL_SCHEMA', 'Value does not fit its schema') {}

/** A value is so large that it delays all other commands of its connection. It was stored. */
export class LargeValueError extends errorClass('TIERCEL_LARGE_VALUE', 'Large value') {}

/** `staleFor`, `refreshAhead` or `timeout` is invalid, or cannot be used with these `tiers`. */
export class RefreshError extends errorClass('TIERCEL_REFRESH', 'Invalid refresh option') {}

/** A load took longer than `timeout.hard`. It goes on, and its result is stored. */
export class LoadTimeoutError extends errorClass('TIERCEL_LOAD_TIMEOUT', 'Load timed out') {}

/** A loader has called `keep()`, but the load refreshes nothing. */
export class LoadContextError extends errorClass('TIERCEL_LOAD_CONTEXT', 'Nothing to keep') {}

/** The tags are not an array, are too many, or one of them is too long. */
export class TagInputError extends errorClass('TIERCEL_TAGS', 'Invalid tags') {}

/** `warm()` was given something that is not iterable, or an invalid `concurrency`. */
export class WarmError extends errorClass('TIERCEL_WARM', 'Invalid warming') {}

/** A `version` is too long for the header of an entry. */
export class VersionError extends errorClass('TIERCEL_VERSION', 'Invalid version') {}

/** With `l2.strict`: Redis did not acknowledge an invalidation in time. */
export class UnacknowledgedError extends errorClass(
  'TIERCEL_UNACKNOWLEDGED',
  'Invalidation not acknowledged',
) {}

/** The value given as a key is neither a string nor `[template, values]`. */
export class KeyInputError extends errorClass('TIERCEL_KEY', 'Invalid key') {}

/** Two caches of one process use one namespace with different settings. They would overwrite each other's entries. */
export class NamespaceTakenError extends errorClass('TIERCEL_NAMESPACE_TAKEN', 'Namespace already taken') {}

/** The registry has another owner's metric under a name that the cache's metrics use. */
export class MetricNameTakenError extends errorClass(
  'TIERCEL_METRIC_NAME_TAKEN',
  'Metric name already taken',
) {}

/** Metrics were requested without a registry, and prom-client, whose default registry would be used, is not installed. */
export class PromClientMissingError extends errorClass(
  'TIERCEL_PROM_CLIENT_MISSING',
  'No Prometheus registry',
) {}

/** The server does not let a client hear of changes in L2, or announce its own. */
export class CoherenceRefusedError extends errorClass(
  'TIERCEL_COHERENCE_REFUSED',
  'Coherence channel refused',
) {}

/** Redis does not let this client do what the cache needs: a command is refused, or the server is not a whole one. */
export class RedisRefusedError extends errorClass('TIERCEL_REDIS_REFUSED', 'Redis cannot be used') {}

/** A message on the channel that cannot be read: another program publishes there. */
export class UnexpectedMessageError extends errorClass('TIERCEL_UNEXPECTED_MESSAGE', 'Unexpected message') {}

/** The configuration has no event of this name. */
export class UnknownEventError extends errorClass('TIERCEL_UNKNOWN_EVENT', 'Unknown event') {}

/** The static check found something at the level `failOn` or above; `findings` lists all of it. */
export class CheckError extends TiercelError {
  readonly code = 'TIERCEL_CHECK';
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const lines = findings.map(({ level, code, message }) => `\n  ${level} ${code}: ${message}`);
    super('Invalid declarations', {
      expected: 'no findings',
      got: `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}:${lines.join('')}`,
    });
    this.findings = findings;
  }
}

/** The value given as a pattern is neither a string nor `[pattern, values]`. */
export class PatternInputError extends errorClass('TIERCEL_PATTERN', 'Invalid pattern') {}
