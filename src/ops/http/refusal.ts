/**
 * What the endpoints answer instead of doing what was asked: one code for each reason, with its status. These are codes
 * of the wire, not errors that a program catches; a `TiercelError` of the cache keeps its own code in the answer.
 */
export const REFUSALS = {
  TIERCEL_HTTP_BAD_REQUEST: 400,
  TIERCEL_HTTP_UNAUTHORIZED: 401,
  TIERCEL_HTTP_FORBIDDEN: 403,
  TIERCEL_HTTP_CROSS_SITE: 403,
  TIERCEL_HTTP_HOST: 403,
  TIERCEL_HTTP_NOT_FOUND: 404,
  TIERCEL_HTTP_METHOD: 405,
  TIERCEL_HTTP_TIMEOUT: 408,
  TIERCEL_HTTP_TOO_LARGE: 413,
  TIERCEL_HTTP_CONTENT_TYPE: 415,
  TIERCEL_HTTP_UNREACHED: 422,
  TIERCEL_HTTP_TOO_MANY: 429,
  TIERCEL_HTTP_INTERNAL: 500,
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** Thrown inside this room and turned into an answer; the message is for the client. */
export class Refusal extends Error {
  constructor(
    readonly refusal: RefusalCode,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  get status(): number {
    return REFUSALS[this.refusal];
  }
}
