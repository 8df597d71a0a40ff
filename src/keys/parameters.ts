/**
 * The parameters of a function, read from its source: their names and the literals that are their defaults.
 * Names survive neither a minifier nor a foreign wrapper, and neither can be detected here: a caller that binds a
 * placeholder to a name must refuse one that is not there.
 */
import { JavaScriptTokens, type Token } from './javascript-tokens';
import { literalValue } from './literal-value';

/** A default value: a literal, whose value is known, or the source of any other expression. */
export type ParameterDefault = { readonly value: unknown } | { readonly expression: string };

interface Parameter {
  readonly name: string | null;
  readonly default: ParameterDefault | undefined;
}

type AnyFunction = (...args: never) => unknown;

/**
 * @returns one entry per parameter: its name, `'...ids'` for a rest parameter, or `null` for a destructured one.
 * Empty for native and bound functions and for classes.
 */
export function parameterNames(method: AnyFunction): readonly (string | null)[] {
  return parametersOf(method).map(({ name }) => name);
}

/** @returns one entry per parameter: its default, or `undefined` if it has none. */
export function parameterDefaults(method: AnyFunction): readonly (ParameterDefault | undefined)[] {
  return parametersOf(method).map((parameter) => parameter.default);
}

function parametersOf(method: AnyFunction): readonly Parameter[] {
  const source = Function.prototype.toString.call(method);
  const tokens = new JavaScriptTokens(source);
  let before = '';
  for (let token = tokens.next(); token.kind !== 'end'; token = tokens.next()) {
    if (token.text === '(') return parameterList(tokens);
    if (token.text === '=>') return [{ name: before, default: undefined }];
    if (before === 'class') return [];
    // A computed method name may hold any expression.
    if (token.text === '[') tokens.skipBrackets();
    before = token.text;
  }
  return [];
}

/** Reads up to the closing parenthesis of the list that has just been opened. */
function parameterList(tokens: JavaScriptTokens): readonly Parameter[] {
  const parameters: Parameter[] = [];
  for (let token = tokens.next(); token.text !== ')' && token.kind !== 'end'; ) {
    const name = parameterName(token, tokens);
    const next = tokens.next();
    const { value, end } = next.text === '=' ? readDefault(tokens) : { value: undefined, end: next };
    parameters.push({ name, default: value });
    if (end.text !== ',') break;
    token = tokens.next();
  }
  return parameters;
}

function parameterName(first: Token, tokens: JavaScriptTokens): string | null {
  const rest = first.text === '...';
  const target = rest ? tokens.next() : first;
  if (target.kind === 'name') return rest ? `...${target.text}` : target.text;
  tokens.skipBrackets();
  return null;
}

/** Reads the expression behind a `=`, up to the comma or parenthesis behind the parameter. */
function readDefault(tokens: JavaScriptTokens): { value: ParameterDefault; end: Token } {
  const first = tokens.next();
  let last = first;
  for (let token = first; ; token = tokens.next()) {
    if (token.kind === 'end' || token.text === ',' || token.text === ')') {
      const expression = tokens.slice(first.start, last.end);
      return { value: literalValue(expression) ?? { expression }, end: token };
    }
    if (token.text === '(' || token.text === '[' || token.text === '{') last = tokens.skipBrackets();
    else last = token;
  }
}
