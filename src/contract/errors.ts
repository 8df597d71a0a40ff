/**
 * Every error that tiercel itself raises: one class per failure, each with a stable `code`.
 * An error says what it is about (`subject`), what was expected and what was got; messages may change, codes may not.
 * A method's or loader's own error is never wrapped: it reaches the caller unchanged.
 */
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
