/**
 * Every error that tiercel itself raises: one class per failure, each with a stable `code`.
 * An error says what it is about (`subject`), what was expected and what was got; messages may change, codes may not.
 * A method's or loader's own error is never wrapped: it reaches the caller unchanged.
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

  constructor(what: string, { subject, expected, got, remedy, cause }: ErrorDetails) {
    const about = subject === undefined ? what : `${what} (${subject})`;
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

/** One thing that is wrong in a configuration. */
export interface ConfigProblem {
  /** Where: `l2.port`, `ttl.prices`, `events.signal.created[0]`. */
  readonly path: string;
  readonly expected: string;
  /** What stands there; never a password. */
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

/** A length of time that cannot be read, or that no cache can keep. */
export class DurationError extends TiercelError {
  readonly code = 'TIERCEL_DURATION';

  constructor(details: ErrorDetails) {
    super('Invalid duration', details);
  }
}

/** A `ttl` of the wrong shape, or one that asks L1 to outlive L2. */
export class TtlError extends TiercelError {
  readonly code = 'TIERCEL_TTL';

  constructor(details: ErrorDetails) {
    super('Invalid ttl', details);
  }
}

/** A `ttl` names a preset that the configuration does not have. */
export class UnknownPresetError extends TiercelError {
  readonly code = 'TIERCEL_UNKNOWN_PRESET';

  constructor(details: ErrorDetails) {
    super('Unknown ttl preset', details);
  }
}

/** A decorator stands on something that is not a method: a getter, a field, a class. */
export class DecoratorTargetError extends TiercelError {
  readonly code = 'TIERCEL_DECORATOR_TARGET';

  constructor(details: ErrorDetails) {
    super('Not a method', details);
  }
}

/** A decorated method returned something other than a promise; a cached answer can only be given as a promise. */
export class SyncMethodError extends TiercelError {
  readonly code = 'TIERCEL_SYNC_METHOD';

  constructor(details: ErrorDetails) {
    super('Decorated method is not asynchronous', details);
  }
}

/** An option, key or pattern list of a decorator that does not exist or has the wrong form. */
export class DecoratorOptionError extends TiercelError {
  readonly code = 'TIERCEL_DECORATOR_OPTION';

  constructor(details: ErrorDetails) {
    super('Invalid decorator option', details);
  }
}

/** Decorators on one method contradict each other. */
export class ConflictingDecoratorsError extends TiercelError {
  readonly code = 'TIERCEL_CONFLICTING_DECORATORS';

  constructor(details: ErrorDetails) {
    super('Conflicting decorators', details);
  }
}

/** The function form of a key or of patterns returned something that is not text. */
export class KeyFunctionError extends TiercelError {
  readonly code = 'TIERCEL_KEY_FUNCTION';

  constructor(details: ErrorDetails) {
    super('Key function returned no key', details);
  }
}

/** `cached()` was asked for a method that has no `@Cacheable`, or has a foreign wrapper above it. */
export class NotCacheableError extends TiercelError {
  readonly code = 'TIERCEL_NOT_CACHEABLE';

  constructor(details: ErrorDetails) {
    super('Not a cached method', details);
  }
}

/** A key template or an invalidation pattern does not follow the grammar. */
export class TemplateSyntaxError extends TiercelError {
  readonly code = 'TIERCEL_TEMPLATE_SYNTAX';

  constructor(details: ErrorDetails) {
    super('Bad key template', details);
  }
}

/** A placeholder names nothing that the method, its options or a key map's caller could give. */
export class UnboundPlaceholderError extends TiercelError {
  readonly code = 'TIERCEL_UNBOUND_PLACEHOLDER';

  constructor(details: ErrorDetails) {
    super('Unbound placeholder', details);
  }
}

/** A required placeholder has no value: `null`, `undefined`, or a path that leads through one of them. */
export class MissingValueError extends TiercelError {
  readonly code = 'TIERCEL_MISSING_VALUE';

  constructor(details: ErrorDetails) {
    super('Missing value for a key', details);
  }
}

/** A value has no text that would identify it in a key: an object, a function, a symbol, NaN, an invalid Date. */
export class UnrenderableValueError extends TiercelError {
  readonly code = 'TIERCEL_UNRENDERABLE_VALUE';

  constructor(details: ErrorDetails) {
    super('Value cannot be a part of a key', details);
  }
}

/** The `hash` filter met something that it cannot see into: a cycle, a function, private state. */
export class UnhashableValueError extends TiercelError {
  readonly code = 'TIERCEL_UNHASHABLE_VALUE';

  constructor(details: ErrorDetails) {
    super('Value cannot be hashed for a key', details);
  }
}

/** `staleFor`, `refreshAhead` or `timeout` that cannot be meant. */
export class RefreshError extends TiercelError {
  readonly code = 'TIERCEL_REFRESH';

  constructor(details: ErrorDetails) {
    super('Refresh', details);
  }
}

/** A load took longer than `timeout.hard`. It goes on, and its result is stored. */
export class LoadTimeoutError extends TiercelError {
  readonly code = 'TIERCEL_LOAD_TIMEOUT';

  constructor(details: ErrorDetails) {
    super('Load timeout', details);
  }
}

/** Something that is no list of tags, or one that is too long. */
export class TagInputError extends TiercelError {
  readonly code = 'TIERCEL_TAGS';

  constructor(details: ErrorDetails) {
    super('Tags', details);
  }
}

/** Something that cannot be warmed from, or a `concurrency` that is none. */
export class WarmError extends TiercelError {
  readonly code = 'TIERCEL_WARM';

  constructor(details: ErrorDetails) {
    super('Warm', details);
  }
}

/** A `version` that does not fit into the header of an entry. */
export class VersionError extends TiercelError {
  readonly code = 'TIERCEL_VERSION';

  constructor(details: ErrorDetails) {
    super('Version', details);
  }
}

/** With `l2.strict`: Redis has not acknowledged in time. */
export class UnacknowledgedError extends TiercelError {
  readonly code = 'TIERCEL_UNACKNOWLEDGED';

  constructor(details: ErrorDetails) {
    super('Unacknowledged', details);
  }
}

/** Something that is no key where a key is asked for. */
export class KeyInputError extends TiercelError {
  readonly code = 'TIERCEL_KEY';

  constructor(details: ErrorDetails) {
    super('Key', details);
  }
}

/** Two caches of one process with one namespace and different settings: they would overwrite each other's entries. */
export class NamespaceTakenError extends TiercelError {
  readonly code = 'TIERCEL_NAMESPACE_TAKEN';

  constructor(details: ErrorDetails) {
    super('Namespace taken', details);
  }
}

/** The registry has a metric of another owner under a name that the cache's metrics use. */
export class MetricNameTakenError extends TiercelError {
  readonly code = 'TIERCEL_METRIC_NAME_TAKEN';

  constructor(details: ErrorDetails) {
    super('Metric name taken', details);
  }
}

/** Metrics were asked for without a registry, and prom-client, whose default one would be used, is not installed. */
export class PromClientMissingError extends TiercelError {
  readonly code = 'TIERCEL_PROM_CLIENT_MISSING';

  constructor(details: ErrorDetails) {
    super('No Prometheus registry', details);
  }
}

/** The server does not let a client hear of changes in L2, or tell others of its own. */
export class CoherenceRefusedError extends TiercelError {
  readonly code = 'TIERCEL_COHERENCE_REFUSED';

  constructor(details: ErrorDetails) {
    super('Coherence channel refused', details);
  }
}

/** An event that the configuration does not know. */
export class UnknownEventError extends TiercelError {
  readonly code = 'TIERCEL_UNKNOWN_EVENT';

  constructor(details: ErrorDetails) {
    super('Event', details);
  }
}

/** The static check has found what `failOn` does not let pass; lists all of it. */
export class CheckError extends TiercelError {
  readonly code = 'TIERCEL_CHECK';
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const lines = findings.map(({ level, code, message }) => `\n  ${level} ${code}: ${message}`);
    super('Declarations', {
      expected: 'nothing to find',
      got: `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}:${lines.join('')}`,
    });
    this.findings = findings;
  }
}

/** Something that is no pattern, and no list of patterns, where one is asked for. */
export class PatternInputError extends TiercelError {
  readonly code = 'TIERCEL_PATTERN';

  constructor(details: ErrorDetails) {
    super('Pattern', details);
  }
}
