/**
 * `cached(service, 'users').one(id)`: calls of one turn of the event loop become one call of the bulk method. Calls that a
 * scope, other arguments or another instance tells apart do not share it.
 */
import type { BulkDeclaration, DecoratedMethod } from '../registry/declarations';
import { itemsOf } from './bulk-result';

interface Waiting {
  readonly element: unknown;
  resolve(item: unknown): void;
  reject(error: unknown): void;
}

interface Gathering {
  readonly self: object;
  readonly scopes: readonly unknown[];
  /** With a list in the place of the list. */
  readonly args: readonly unknown[];
  readonly waiting: Waiting[];
}

// Not part of the clock: this is about turns of the event loop. Captured at load, as fake timers would replace it (P42).
const { setImmediate } = globalThis;

const gatherings = new WeakMap<DecoratedMethod, Gathering[]>();

/**
 * @param args of the bulk method, with one element in the place of the list
 * @param scopes calls share a method call only if these are the same
 * @param call runs the bulk method
 */
export function readOne(
  method: DecoratedMethod,
  bulk: BulkDeclaration,
  self: object,
  args: readonly unknown[],
  scopes: readonly unknown[],
  call: (args: unknown[]) => Promise<unknown>,
): Promise<unknown> {
  const { list } = bulk;
  const one = list.called(args);
  // An element that cannot be rendered must not fail the calls of others.
  list.textOf(one.element);
  const others = list.replaced(one.args, []);
  const open = gatherings.get(method) ?? [];
  gatherings.set(method, open);
  const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
    a.length === b.length && a.every((value, index) => isList(value, b[index]) || Object.is(value, b[index]));
  let gathering = open.find(
    (known) => known.self === self && isSame(known.scopes, scopes) && isSame(known.args, others),
  );
  if (gathering === undefined) {
    const begun: Gathering = { self, scopes, args: others, waiting: [] };
    gathering = begun;
    open.push(begun);
    setImmediate(() => {
      open.splice(open.indexOf(begun), 1);
      void answer(begun, bulk, method.identity.label, call);
    });
  }
  const { waiting } = gathering;
  return new Promise((resolve, reject) => waiting.push({ element: one.element, resolve, reject }));
}

async function answer(
  { args, waiting }: Gathering,
  bulk: BulkDeclaration,
  label: string,
  call: (args: unknown[]) => Promise<unknown>,
): Promise<void> {
  try {
    const elements = waiting.map(({ element }) => element);
    const itemOf = itemsOf(bulk, elements, await call(bulk.list.replaced(args, elements)), label);
    for (const { element, resolve } of waiting) resolve(itemOf(element));
  } catch (error) {
    for (const { reject } of waiting) reject(error);
  }
}

/** Empty arrays, which stand in the place of the list. */
function isList(a: unknown, b: unknown): boolean {
  return Array.isArray(a) && Array.isArray(b) && a.length + b.length === 0;
}
