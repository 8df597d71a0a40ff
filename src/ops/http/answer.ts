/**
 * An answer before any framework has seen it: status, headers and the whole body. Every answer is complete here, so that
 * transports only copy it.
 */
import { Refusal, type RefusalCode } from './refusal';

export interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** No cache on the way may keep figures, and no browser may take JSON for a page. */
const ALWAYS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

export function textAnswer(
  contentType: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status: 200,
    headers: {
      ...ALWAYS,
      'content-type': contentType,
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
    },
    body,
  };
}

export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    ...textAnswer('application/json; charset=utf-8', `${JSON.stringify(value)}\n`, headers),
    status,
  };
}

export function emptyAnswer(headers: Readonly<Record<string, string>>): Answer {
  return { status: 204, headers: { ...ALWAYS, ...headers }, body: '' };
}

/** @param code one of `RefusalCode`, or that of an error of the cache */
export function errorAnswer(
  status: number,
  code: RefusalCode | (string & {}),
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return jsonAnswer(status, { error: { code, message } }, headers);
}

export function refusalAnswer({ status, refusal, message, headers }: Refusal): Answer {
  return errorAnswer(status, refusal, message, headers);
}

export function notFound(): Answer {
  return refusalAnswer(new Refusal('TIERCEL_HTTP_NOT_FOUND', 'There is no such endpoint.'));
}
