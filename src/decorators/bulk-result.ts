/**
 * What a bulk method returns, element by element, and back: an array, a `Map` or a record by what identifies an element.
 */
import { describe } from '../config/describe';
import { BulkResultError } from '../contract/errors';
import type { BulkDeclaration } from '../registry/declarations';

/**
 * Finds the item of an element in the method's result; `undefined` if the method has left it out.
 * @param elements what the method was called with
 * @throws BulkResultError if the result is of another kind, or cannot be told apart
 */
export function itemsOf(
  { into, by, list }: BulkDeclaration,
  elements: readonly unknown[],
  result: unknown,
  label: string,
): (element: unknown) => unknown {
  const refused = (expected: string, got: string) => new BulkResultError({ subject: label, expected, got });
  const items = new Map<string, unknown>();
  const find = (element: unknown) => items.get(list.textOf(element));
  if (into === 'map') {
    if (!(result instanceof Map)) throw refused('a Map', describe(result));
    for (const [id, item] of result) items.set(list.textOf(id), item);
    return find;
  }
  if (into === 'record') {
    if (typeof result !== 'object' || result === null || Array.isArray(result)) {
      throw refused('a record', describe(result));
    }
    for (const [id, item] of Object.entries(result)) items.set(list.textOf(id), item);
    return find;
  }
  if (!Array.isArray(result)) throw refused("an array; 'into' names another kind", describe(result));
  if (by === undefined && result.length !== elements.length) {
    throw refused(
      `${elements.length} items, one for each element, or the option 'by'`,
      `${result.length} items`,
    );
  }
  for (const [index, item] of result.entries()) {
    if (by === undefined) items.set(list.textOf(elements[index]), item);
    else if (item !== undefined && item !== null) {
      const id = by(item);
      if (id === undefined || id === null) throw refused("what 'by' finds in each item", String(id));
      items.set(list.textOf(id), item);
    }
  }
  return find;
}

/** The result of a call for these elements and their items, in their order and of the method's kind. */
export function resultFrom(
  { into, by, list }: BulkDeclaration,
  elements: readonly unknown[],
  items: readonly unknown[],
): unknown {
  if (into === 'array') return by === undefined ? items : items.filter((item) => item !== undefined);
  const pairs = elements
    .map((element, index) => [list.idOf(element), items[index]] as const)
    .filter(([, item]) => item !== undefined);
  return into === 'map' ? new Map(pairs) : Object.fromEntries(pairs as [string, unknown][]);
}
