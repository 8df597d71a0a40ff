/**
 * The grammar of one placeholder: `<name.path?|filter>`. The name may be a position, `this` or `result`, and with `[]`
 * behind it a list.
 * It knows nothing of values, methods and the rest of the template.
 */
import { TemplateSyntaxError } from '../contract/errors';

export type Filter = 'lower' | 'upper' | 'hash';

const FILTERS: readonly string[] = ['lower', 'upper', 'hash'] satisfies Filter[];

export interface Placeholder {
  /** As it was written, with its brackets: `<user.id?|lower>`. */
  readonly text: string;
  /**
   * The source of the value: a parameter or variable, an argument by index, the instance, the method's result, or what
   * the configuration's `context` returns.
   */
  readonly source: 'name' | 'position' | 'this' | 'result' | 'ctx';
  /** The part before the first dot: `user`, `0`, `this`, `result` or `ctx`. */
  readonly name: string;
  /** The parts after it. */
  readonly path: readonly string[];
  /** Of a list, `<orders[].id>`: the parts behind it, from an element to its value. `path` is empty then. */
  readonly list?: readonly string[];
  /** True for `<cursor?>`: a missing value is a value of its own. */
  readonly optional: boolean;
  /** Applied from left to right. */
  readonly filters: readonly Filter[];
}

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const POSITION = /^(?:0|[1-9]\d*)$/;

/**
 * @param segment one segment, brackets included
 * @param template the whole text, for messages
 */
export function parsePlaceholder(segment: string, template: string): Placeholder {
  const fail = (expected: string, got: string, remedy?: string): never => {
    throw new TemplateSyntaxError({
      subject: `${segment} in '${template}'`,
      expected,
      got,
      ...(remedy === undefined ? {} : { remedy }),
    });
  };

  const [reference = '', ...filters] = segment.slice(1, -1).split('|');
  const optional = reference.endsWith('?');
  const [head = '', ...path] = (optional ? reference.slice(0, -1) : reference).split('.');
  const isList = head.endsWith('[]');
  const name = isList ? head.slice(0, -2) : head;

  if (name === '') fail('a name between < and >', segment === '<>' ? 'an empty placeholder' : 'no name');
  if (!NAME.test(name) && !POSITION.test(name)) {
    fail(
      'a parameter name, a position, this or result',
      `'${name}'`,
      'Write <id>, <user.id>, <0> or <this.tenant>.',
    );
  }
  for (const part of path) {
    if (NAME.test(part) || POSITION.test(part)) continue;
    const remedy =
      part === '' ? 'Name a property between the dots.' : 'Only property names may follow a dot.';
    fail('property names joined by dots', `'${reference}'`, remedy);
  }
  if (name === 'this' && (isList || path.length === 0)) {
    fail('a property of the instance', 'the instance itself', 'Write <this.tenant>.');
  }
  if (name === 'ctx' && (isList || path.length === 0)) {
    fail('a property of the context', 'the context itself', 'Write <ctx.tenant>.');
  }
  if (name === 'ctx' && optional) {
    fail('a property of the context without ?', `'${reference}'`, 'Without it a call belongs to nobody.');
  }
  for (const filter of filters) {
    if (!FILTERS.includes(filter)) fail('a filter: lower, upper or hash', `'${filter}'`);
  }
  if (filters.slice(0, -1).includes('hash')) {
    fail('hash as the last filter', `'${filters.join('|')}'`, 'A digest must not be changed any further.');
  }

  return {
    text: segment,
    source: sourceOf(name),
    name,
    path: isList ? [] : path,
    ...(isList ? { list: path } : {}),
    optional,
    filters: filters as Filter[],
  };
}

function sourceOf(name: string): Placeholder['source'] {
  if (name === 'this' || name === 'result' || name === 'ctx') return name;
  return POSITION.test(name) ? 'position' : 'name';
}
