/**
 * From a body to the JSON object in it: its declared type, its size, its encoding, its syntax. Refuses everything that is
 * not clearly JSON, so that no form of a browser gets through.
 */
import type { Body, EndpointRequest } from './endpoint-request';
import { Refusal } from './refusal';

/** Bytes of a body. */
export const LARGEST_BODY = 64 * 1024;

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

/**
 * The object, or `undefined` if there is no body.
 * @throws Refusal
 */
export async function jsonObjectOf(request: EndpointRequest): Promise<Record<string, unknown> | undefined> {
  const type = request.header('content-type');
  // Even of an empty body: that is how a browser's form would look.
  if (type !== undefined && !JSON_TYPE.test(type)) throw wrongType(`'${type}'`);
  if (Number(request.header('content-length')) > LARGEST_BODY) throw tooLarge();
  const body = await request.body();
  const value = contentOf(body, request);
  if (value === undefined) return undefined;
  if (type === undefined) throw wrongType('no content type');
  return objectOf(value, 'The body');
}

/** @throws Refusal unless the string is a JSON object */
export function parseObject(text: string, what: string): Record<string, unknown> {
  return objectOf(parse(text, what), what);
}

/** @throws Refusal */
export function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new Refusal('TIERCEL_HTTP_BAD_REQUEST', `${what} must be a JSON object.`);
}

export function tooLarge(): Refusal {
  return new Refusal('TIERCEL_HTTP_TOO_LARGE', `A body has at most ${LARGEST_BODY} bytes.`);
}

function contentOf(body: Body, request: EndpointRequest): unknown {
  if (body.kind === 'none') return undefined;
  // A framework gives a string or bytes if it has no parser for the type.
  const content = body.kind === 'bytes' ? body.bytes : body.value;
  if (content instanceof Uint8Array || typeof content === 'string') {
    if (content.length === 0) return undefined;
    const encoding = request.header('content-encoding') ?? 'identity';
    if (body.kind === 'bytes' && encoding.toLowerCase() !== 'identity')
      throw wrongType(`'${encoding}' encoding`);
    return parse(typeof content === 'string' ? content : decoded(content), 'The body');
  }
  return content ?? undefined;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal('TIERCEL_HTTP_BAD_REQUEST', 'The body is not valid UTF-8.');
  }
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('TIERCEL_HTTP_BAD_REQUEST', `${what} is not valid JSON.`);
  }
}

function wrongType(got: string): Refusal {
  return new Refusal('TIERCEL_HTTP_CONTENT_TYPE', `A body must be application/json in UTF-8, not ${got}.`);
}
