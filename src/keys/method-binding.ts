/**
 * Binds the placeholders of a template or pattern to a method, once, when its class is defined; what comes out turns
 * a call into a key. It stands on the path of every L1 hit, so the usual shapes (one or two plain arguments) allocate
 * nothing but the key. It refuses placeholders that the method cannot fill, before there is any call.
 */
import { UnboundPlaceholderError } from '../contract/errors';
import { escapeValue } from './escape';
import { KeyMemo } from './key-memo';
import type { ParameterDefault } from './parameters';
import { type BoundPattern, bindPatternWith, type Pattern } from './pattern';
import type { Placeholder } from './placeholder-syntax';
import type { Template } from './template';
import { follow, type RenderSite, segmentText } from './value-text';

export interface BindingSource {
  /** The method, as `Class.method`, for messages. */
  readonly subject: string;
  /** One entry per parameter; `'...ids'` is a rest parameter, `null` one without a name. */
  readonly names: readonly (string | null)[];
  readonly namesFrom: 'parsed' | 'params';
  /** One entry per parameter: what the method takes instead of an `undefined` argument. */
  readonly defaults?: readonly (ParameterDefault | undefined)[];
  /** If given, every named placeholder takes its value from here, and none from the parameters. */
  readonly vars?: ((this: unknown, ...args: never[]) => Record<string, unknown>) | undefined;
  /** Whether `<result.id>` may be used: the key is made after the method has run. */
  readonly allowResult: boolean;
  /** What `<ctx.tenant>` is taken from: the context of the call's cache. */
  readonly ambientOf?: ((self: unknown) => unknown) | undefined;
  /** Whether `<ids[]>` may be used: one key is made for each element. */
  readonly allowList?: boolean | undefined;
}

/** `element`: that of a list, for which the key is made. */
export type KeyOf = (self: unknown, args: ArrayLike<unknown>, result?: unknown, element?: unknown) => string;
export type TargetOf = (
  self: unknown,
  args: ArrayLike<unknown>,
  result?: unknown,
  element?: unknown,
) => BoundPattern;

/** What a compiled key or target needs from a call. */
export interface Needs {
  /** True if the method's result must be passed. */
  readonly needsResult: boolean;
}

/** Gets the value of one placeholder out of a call. `variables` is what `vars` returned. */
type Read = (
  self: unknown,
  args: ArrayLike<unknown>,
  result: unknown,
  variables: Readonly<Record<string, unknown>> | undefined,
  element: unknown,
) => unknown;

interface Slot {
  readonly placeholder: Placeholder;
  readonly read: Read;
  /** The index of the argument, if the value is that argument as it is. */
  readonly argument: number | undefined;
}

/** @throws UnboundPlaceholderError for a placeholder that no call of the method could fill */
export function bindKey(template: Template, source: BindingSource): KeyOf & Needs {
  const site = siteOf(template, source);
  const slots = template.placeholders.map((placeholder) => slotFor(placeholder, source, site));
  return Object.assign(compileKey(template, slots, source, site), needsOf(template));
}

/** @throws UnboundPlaceholderError for a placeholder that no call of the method could fill */
export function bindTarget(pattern: Pattern, source: BindingSource): TargetOf & Needs {
  const site = siteOf(pattern, source);
  const reads = new Map(
    pattern.placeholders.map((placeholder) => [placeholder, slotFor(placeholder, source, site).read]),
  );
  if (reads.size === 0) {
    const bound = bindPatternWith(pattern, () => '');
    return Object.assign(() => bound, needsOf(pattern));
  }
  const variablesOf = variableReader(pattern.placeholders, source);
  const target: TargetOf = (self, args, result, element) => {
    const variables = variablesOf?.(self, args);
    return bindPatternWith(pattern, (placeholder) =>
      segmentText(reads.get(placeholder)!(self, args, result, variables, element), placeholder, site),
    );
  };
  return Object.assign(target, needsOf(pattern));
}

function compileKey(
  template: Template,
  slots: readonly Slot[],
  source: BindingSource,
  site: RenderSite,
): KeyOf {
  const [head, ...tails] = literalsAround(template);
  const [first, second] = slots;
  if (first === undefined) return () => head;
  if (slots.length === 1 && first.argument !== undefined) {
    const { argument } = first;
    const memo = new KeyMemo(head, segmentOf(first.placeholder, site), tails[0]!);
    return (_self, args) => memo.keyOf(args[argument]);
  }
  if (slots.length === 2 && first.argument !== undefined && second?.argument !== undefined) {
    const [a, b] = [first.argument, second.argument];
    const [ofA, ofB] = [segmentOf(first.placeholder, site), segmentOf(second.placeholder, site)];
    const [between, after] = [tails[0]!, tails[1]!];
    return (_self, args) => head + ofA(args[a]) + between + ofB(args[b]) + after;
  }
  const variablesOf = variableReader(template.placeholders, source);
  return (self, args, result, element) => {
    const variables = variablesOf?.(self, args);
    let key = head;
    for (let i = 0; i < slots.length; i++) {
      const { placeholder, read } = slots[i]!;
      key += segmentText(read(self, args, result, variables, element), placeholder, site) + tails[i]!;
    }
    return key;
  };
}

/** Of a placeholder without filters. */
function segmentOf(placeholder: Placeholder, site: RenderSite): (value: unknown) => string {
  return (value) => (typeof value === 'string' ? escapeValue(value) : segmentText(value, placeholder, site));
}

/** The fixed text before, between and after the placeholders, colons included. */
function literalsAround({ segments }: Template): [string, ...string[]] {
  const literals: [string, ...string[]] = [''];
  segments.forEach((segment, index) => {
    const colon = index === 0 ? '' : ':';
    literals[literals.length - 1] += typeof segment === 'string' ? colon + segment : colon;
    if (typeof segment === 'object') literals.push('');
  });
  return literals;
}

function slotFor(placeholder: Placeholder, source: BindingSource, site: RenderSite): Slot {
  const { name, path, list } = placeholder;
  const along = (read: Read): Slot => ({
    placeholder,
    read:
      path.length === 0
        ? read
        : (self, args, result, variables, element) =>
            follow(read(self, args, result, variables, element), path),
    argument: undefined,
  });
  const argument = (index: number): Slot => {
    const fallback = source.defaults?.[index];
    if (fallback !== undefined) return along(argumentOr(fallback, index, placeholder, site));
    const slot = along((_self, args) => args[index]);
    const plain = path.length === 0 && placeholder.filters.length === 0;
    return plain ? { ...slot, argument: index } : slot;
  };

  if (list !== undefined) {
    if (source.allowList !== true) throw listWithoutElement(placeholder, site);
    return along((_self, _args, _result, _variables, element) => follow(element, list));
  }
  switch (placeholder.source) {
    case 'this':
      return along((self) => self);
    case 'ctx':
      if (source.names.includes('ctx')) throw twoContexts(placeholder, site);
      return along((self) => source.ambientOf?.(self));
    case 'result':
      if (!source.allowResult) throw resultTooEarly(placeholder, site);
      return along((_self, _args, result) => result);
    case 'position':
      return argument(Number(name));
    case 'name': {
      if (source.vars !== undefined) return along((_self, _args, _result, variables) => variables?.[name]);
      const index = source.names.indexOf(name);
      if (index !== -1) return argument(index);
      const from = source.names.indexOf(`...${name}`);
      if (from !== -1) return along((_self, args) => Array.prototype.slice.call(args, from));
      throw unbound(placeholder, source, site);
    }
  }
}

/** Two calls of which one leaves an argument to its default are one call, and must have one key. */
function argumentOr(
  fallback: ParameterDefault,
  index: number,
  placeholder: Placeholder,
  site: RenderSite,
): Read {
  if ('expression' in fallback) throw unknownDefault(placeholder, fallback.expression, site);
  const { value } = fallback;
  return (_self, args) => (args[index] === undefined ? value : args[index]);
}

/** Calls `vars` once per key, and only if a placeholder asks for a name. */
function variableReader(
  placeholders: readonly Placeholder[],
  { vars }: BindingSource,
): ((self: unknown, args: ArrayLike<unknown>) => Record<string, unknown>) | undefined {
  if (vars === undefined || !placeholders.some(({ source }) => source === 'name')) return undefined;
  return (self, args) => Reflect.apply(vars, self, args) as Record<string, unknown>;
}

function siteOf({ text }: { readonly text: string }, { subject }: BindingSource): RenderSite {
  return { template: text, method: subject };
}

function needsOf({ placeholders }: { readonly placeholders: readonly Placeholder[] }): Needs {
  return { needsResult: placeholders.some(({ source }) => source === 'result') };
}

function unbound(
  { text, name }: Placeholder,
  { names, namesFrom }: BindingSource,
  { method, template }: RenderSite,
): UnboundPlaceholderError {
  const found = names.map((known) => known ?? 'a destructured one').join(', ');
  const origin = namesFrom === 'params' ? "given by 'params'" : 'read from its source';
  return new UnboundPlaceholderError({
    subject: `${method}, ${text} in '${template}'`,
    expected: `a parameter named '${name}'`,
    got: `${found === '' ? 'no parameters' : found} (${origin})`,
    remedy:
      "Correct the name, list the names with params: [...], give the value with vars: (...args) => ({ ... }), or use a position such as <0>. Minified code has other names: it needs 'params', 'vars' or positions.",
  });
}

function unknownDefault(
  { text }: Placeholder,
  expression: string,
  { method, template }: RenderSite,
): UnboundPlaceholderError {
  const shown = expression.length > 40 ? `${expression.slice(0, 40)}…` : expression;
  return new UnboundPlaceholderError({
    subject: `${method}, ${text} in '${template}'`,
    expected: 'a parameter without a default, or with a literal as its default',
    got: `the default ${shown}, whose value is not known before a call`,
    remedy: 'Give the value with vars, which has the same default: vars: (page = FIRST) => ({ page }).',
  });
}

function listWithoutElement(
  { text }: Placeholder,
  { method, template }: RenderSite,
): UnboundPlaceholderError {
  return new UnboundPlaceholderError({
    subject: `${method}, ${text} in '${template}'`,
    expected: 'a value of one entry',
    got: 'a list, which stands for one entry per element',
    remedy: 'Use <ids[]> in @CacheableMany and @CacheInvalidate.',
  });
}

function twoContexts({ text }: Placeholder, { method, template }: RenderSite): UnboundPlaceholderError {
  return new UnboundPlaceholderError({
    subject: `${method}, ${text} in '${template}'`,
    expected: 'the context of the configuration',
    got: "also a parameter named 'ctx'",
    remedy: 'Rename the parameter, or reach it by its position, as in <0.tenant>.',
  });
}

function resultTooEarly({ text }: Placeholder, { method, template }: RenderSite): UnboundPlaceholderError {
  return new UnboundPlaceholderError({
    subject: `${method}, ${text} in '${template}'`,
    expected: 'a value that is known before the method runs',
    got: "the method's result",
    remedy:
      "Use <result> in a put or an invalidation; a parameter named 'result' is reached by its position, <0>.",
  });
}
