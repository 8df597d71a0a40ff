/**
 * What `POST invalidate` asks for, from its query and its body: an event with its data, or keys, patterns and tags.
 * It checks shapes; the cache checks whether an event exists and a pattern can be read.
 */

import { type Key, keyText } from '../../api/key-input';
import { nearestName } from '../../config/nearest-name';
import type { EndpointRequest } from './endpoint-request';
import { jsonObjectOf, objectOf, parseObject } from './json-body';
import { Refusal } from './refusal';
import type { Name } from './served-cache';

export interface InvalidationRequest {
  readonly what:
    | { readonly event: string; readonly data: Readonly<Record<string, unknown>> }
    | { readonly patterns: readonly Name[]; readonly tags?: readonly Name[] };
  readonly reason: string | undefined;
  /** Only say what would be done. */
  readonly dryRun: boolean;
  /** Also if no cached template can give a name. */
  readonly force: boolean;
}

const FIELDS = ['event', 'data', 'keys', 'patterns', 'tags', 'reason', 'dryRun', 'force'] as const;
const QUERY_FIELDS = ['event', 'data', 'reason', 'dryRun', 'force'] as const;

/** Each undeclared pattern looks at the whole namespace. */
const MOST_NAMES = 1_000;
const LONGEST_REASON = 500;
/** A request to an endpoint belongs to no tenant. */
const NO_CONTEXT = { ambient: undefined };

/** @throws Refusal, and the errors of keys */
export async function readInvalidation(request: EndpointRequest): Promise<InvalidationRequest> {
  const fields = together(queryFields(request.query), (await jsonObjectOf(request)) ?? {});
  const { event, data, keys, patterns, tags } = fields;
  const how = {
    reason: reasonOf(fields.reason),
    dryRun: flagOf('dryRun', fields.dryRun),
    force: flagOf('force', fields.force),
  };
  const named = [keys, patterns, tags].some((field) => field !== undefined);
  if (event !== undefined) {
    if (named) throw bad("Give either 'event', or 'keys', 'patterns' and 'tags'.");
    if (typeof event !== 'string' || event === '') throw bad("'event' must be a non-empty string.");
    return { what: { event, data: data === undefined ? {} : objectOf(data, "'data'") }, ...how };
  }
  if (data !== undefined) throw bad("'data' belongs to an 'event', which is missing.");
  if (!named) throw bad("Nothing to invalidate: give 'event', 'keys', 'patterns' or 'tags'.");
  // A rendered key is a pattern that reaches only itself: what would be a wildcard is escaped in it.
  const names = [
    ...namesOf('keys', keys).map((key) => keyText(key as Key, undefined, NO_CONTEXT)),
    ...namesOf('patterns', patterns),
  ];
  const tagNames = namesOf('tags', tags);
  if (names.length + tagNames.length > MOST_NAMES) throw bad(`At most ${MOST_NAMES} names at a time.`);
  return { what: { patterns: names, ...(tags === undefined ? {} : { tags: tagNames }) }, ...how };
}

/** What `DELETE clear` takes from its query. @throws Refusal */
export function readClearing({ query }: EndpointRequest): Pick<InvalidationRequest, 'reason' | 'dryRun'> {
  const { reason, dryRun } = queryFields(query);
  return { reason: reasonOf(reason), dryRun: flagOf('dryRun', dryRun) };
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
    throw bad(`'${field}' must hold non-empty strings, or [template, values].`);
  });
}

function listOf(field: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.length > 0) return value;
  throw bad(`'${field}' must be a list with something in it.`);
}

function reasonOf(value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value.length <= LONGEST_REASON)) return value;
  throw bad(`'reason' must be a string of at most ${LONGEST_REASON} characters.`);
}

/** In a query it is a string. */
function flagOf(field: string, value: unknown): boolean {
  if (value === undefined || value === false || value === 'false') return false;
  if (value === true || value === 'true') return true;
  throw bad(`'${field}' must be true or false.`);
}

function bad(message: string): Refusal {
  return new Refusal('TIERCEL_HTTP_BAD_REQUEST', message);
}
