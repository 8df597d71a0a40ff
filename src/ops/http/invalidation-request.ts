/**
 * What `POST invalidate` asks for, from its query and its body: an event with its data, or keys, patterns and tags.
 * It checks shapes; whether an event exists and a pattern can be read is the cache's to say.
 */

import { type Key, keyText } from '../../api/key-input';
import { nearestName } from '../../config/nearest-name';
import type { EndpointRequest } from './endpoint-request';
import { jsonObjectOf, objectOf, parseObject } from './json-body';
import { Refusal } from './refusal';
import type { Name } from './served-cache';

export type InvalidationRequest =
  | {
      readonly kind: 'event';
      readonly event: string;
      readonly data: Readonly<Record<string, unknown>>;
      readonly reason?: string;
    }
  | {
      readonly kind: 'names';
      readonly patterns: readonly Name[];
      readonly tags?: readonly Name[];
      readonly reason?: string;
    };

const FIELDS = ['event', 'data', 'keys', 'patterns', 'tags', 'reason'] as const;
const QUERY_FIELDS = ['event', 'data', 'reason'] as const;

/** Each undeclared pattern looks at the whole namespace. */
const MOST_NAMES = 1_000;
const LONGEST_REASON = 500;

/** @throws Refusal, and the errors of keys */
export async function readInvalidation(request: EndpointRequest): Promise<InvalidationRequest> {
  const fields = together(queryFields(request.query), (await jsonObjectOf(request)) ?? {});
  const { event, data, keys, patterns, tags } = fields;
  const reason = reasonOf(fields.reason);
  const named = [keys, patterns, tags].some((field) => field !== undefined);
  if (event !== undefined) {
    if (named) throw bad("Give either 'event', or 'keys', 'patterns' and 'tags'.");
    if (typeof event !== 'string' || event === '') throw bad("'event' must be non-empty text.");
    return { kind: 'event', event, data: data === undefined ? {} : objectOf(data, "'data'"), ...reason };
  }
  if (data !== undefined) throw bad("'data' belongs to an 'event', which is missing.");
  if (!named) throw bad("Nothing to invalidate: give 'event', 'keys', 'patterns' or 'tags'.");
  // A rendered key is a pattern that reaches only itself: what would be a wildcard is escaped in it.
  const names = [
    ...namesOf('keys', keys).map((key) => keyText(key as Key)),
    ...namesOf('patterns', patterns),
  ];
  const tagNames = namesOf('tags', tags);
  if (names.length + tagNames.length > MOST_NAMES) throw bad(`At most ${MOST_NAMES} names at a time.`);
  return { kind: 'names', patterns: names, ...(tags === undefined ? {} : { tags: tagNames }), ...reason };
}

function queryFields(query: URLSearchParams): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const name of QUERY_FIELDS) {
    const [value, ...more] = query.getAll(name);
    if (more.length > 0) throw bad(`'${name}' is given more than once.`);
    if (value !== undefined) fields[name] = name === 'data' ? queryData(value) : value;
  }
  return fields;
}

function queryData(text: string): Record<string, unknown> {
  try {
    return parseObject(text, "'data' in the query");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw bad(`${error.message} curl takes braces for itself unless it is called with --globoff.`);
  }
}

function together(
  query: Readonly<Record<string, unknown>>,
  body: Readonly<Record<string, unknown>>,
): Readonly<Partial<Record<(typeof FIELDS)[number], unknown>>> {
  for (const name of Object.keys(body)) {
    if (!(FIELDS as readonly string[]).includes(name)) {
      const near = nearestName(name, FIELDS);
      throw bad(`Unknown field '${name}'.${near === undefined ? '' : ` Did you mean '${near}'?`}`);
    }
    if (Object.hasOwn(query, name)) throw bad(`'${name}' is given in the query and in the body.`);
  }
  return { ...query, ...body };
}

function namesOf(field: string, value: unknown): readonly Name[] {
  return listOf(field, value).map((item) => {
    if (typeof item === 'string' && item !== '') return item;
    if (Array.isArray(item) && item.length === 2 && typeof item[0] === 'string' && item[0] !== '')
      return [item[0], objectOf(item[1], `The values of '${field}'`)] as const;
    throw bad(`'${field}' must hold non-empty text, or [template, values].`);
  });
}

function listOf(field: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.length > 0) return value;
  throw bad(`'${field}' must be a list with something in it.`);
}

function reasonOf(value: unknown): { readonly reason?: string } {
  if (value === undefined) return {};
  if (typeof value === 'string' && value.length <= LONGEST_REASON) return { reason: value };
  throw bad(`'reason' must be text of at most ${LONGEST_REASON} characters.`);
}

function bad(message: string): Refusal {
  return new Refusal('TIERCEL_HTTP_BAD_REQUEST', message);
}
