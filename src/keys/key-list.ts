/**
 * Lists in keys: `<ids[]>` and `<orders[].id>` name a list parameter and stand for one key per element. This file finds the
 * list of a call, and tells which element a value belongs to.
 */
import { MissingValueError, UnboundPlaceholderError, UnrenderableValueError } from '../contract/errors';
import type { BindingSource } from './method-binding';
import type { Placeholder } from './placeholder-syntax';
import { follow, type RenderSite, segmentText } from './value-text';

export interface KeyList {
  /** The elements of one call. @throws MissingValueError, or UnrenderableValueError if it is no array */
  of(args: ArrayLike<unknown>, result?: unknown): readonly unknown[];
  /** The arguments of the same call with other elements. */
  replaced(args: readonly unknown[], elements: readonly unknown[]): unknown[];
  /** The arguments of the call of one element, which stands where the list stands, with the list in its place. */
  called(args: readonly unknown[]): { readonly element: unknown; readonly args: unknown[] };
  /** What identifies an element: itself, or its property if the key uses one. */
  idOf(element: unknown): unknown;
  /** The same as text, given the element or what identifies it. @throws the errors of values */
  textOf(value: unknown): string;
}

/**
 * The list that the placeholders name; `undefined` if none does.
 * @throws UnboundPlaceholderError for a second list, or one that is no parameter
 */
export function keyListOf(
  { text, placeholders }: { readonly text: string; readonly placeholders: readonly Placeholder[] },
  { names, subject }: Pick<BindingSource, 'names' | 'subject'>,
): KeyList | undefined {
  const listed = placeholders.filter(({ list }) => list !== undefined);
  const [first] = listed;
  if (first === undefined) return undefined;
  const site = { template: text, method: subject };
  const refused = (expected: string, got: string) =>
    new UnboundPlaceholderError({ subject: `${subject}, '${text}'`, expected, got });
  const other = listed.find(({ name }) => name !== first.name);
  if (other !== undefined) throw refused('one list', `${first.text} and ${other.text}`);
  const rest = names.indexOf(`...${first.name}`);
  const named = rest === -1 ? names.indexOf(first.name) : rest;
  const index = first.source === 'position' ? Number(first.name) : named;
  if (index === -1 && first.source === 'name') throw refused(`a parameter named '${first.name}'`, first.text);
  const isRest = names[index]?.startsWith('...') ?? false;
  return {
    of(args, result) {
      const value = first.source === 'result' ? result : isRest ? Array.from(args).slice(index) : args[index];
      if (Array.isArray(value)) return value;
      throw noList(value, first, site);
    },
    replaced: (args, elements) =>
      isRest
        ? [...args.slice(0, index), ...elements]
        : [...args.slice(0, index), elements, ...args.slice(index + 1)],
    called: (args) => ({
      element: args[index],
      args: isRest ? [...args] : [...args.slice(0, index), [args[index]], ...args.slice(index + 1)],
    }),
    idOf: (element) => (listed.length === 1 ? follow(element, first.list!) : element),
    textOf: (value) =>
      listed.map((placeholder) => segmentText(partOf(value, placeholder.list!), placeholder, site)).join(':'),
  };
}

/** Of an element the property that the key uses; what identifies it is that already. */
function partOf(value: unknown, path: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  return follow(value, path);
}

function noList(value: unknown, { text, name }: Placeholder, { method, template }: RenderSite): Error {
  const details = {
    subject: `${text} in '${template}', ${method}`,
    expected: `an array as '${name}'`,
    got: value === null ? 'null' : typeof value,
  };
  return value === undefined || value === null
    ? new MissingValueError(details)
    : new UnrenderableValueError(details);
}
