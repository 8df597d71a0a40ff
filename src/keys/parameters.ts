/**
 * The parameter names of a function, read from its source.
 * Names survive neither a minifier nor a foreign wrapper, and neither can be detected here: a caller that binds a
 * placeholder to a name must refuse one that is not there.
 */
import { JavaScriptTokens } from './javascript-tokens';

/**
 * @returns one entry per parameter: its name, `'...ids'` for a rest parameter, or `null` for a destructured one.
 * Empty for native and bound functions and for classes.
 */
export function parameterNames(method: (...args: never) => unknown): readonly (string | null)[] {
  const source = Function.prototype.toString.call(method);
  const tokens = new JavaScriptTokens(source);
  let before = '';
  for (let token = tokens.next(); token.kind !== 'end'; token = tokens.next()) {
    if (token.text === '(') return parameterList(tokens);
    if (token.text === '=>') return [before];
    if (before === 'class') return [];
    // A computed method name may hold any expression.
    if (token.text === '[') tokens.skipBrackets();
    before = token.text;
  }
  return [];
}

/** Reads up to the closing parenthesis of the list that has just been opened. */
function parameterList(tokens: JavaScriptTokens): readonly (string | null)[] {
  const names: (string | null)[] = [];
  for (let token = tokens.next(); token.text !== ')' && token.kind !== 'end'; token = tokens.next()) {
    const rest = token.text === '...';
    const target = rest ? tokens.next() : token;
    if (target.kind === 'name') names.push(rest ? `...${target.text}` : target.text);
    else {
      tokens.skipBrackets();
      names.push(null);
    }
    if (skipDefault(tokens) === ')') break;
  }
  return names;
}

/** Reads past a default value, if there is one, to the comma or parenthesis behind the parameter. */
function skipDefault(tokens: JavaScriptTokens): string {
  for (;;) {
    const { kind, text } = tokens.next();
    if (kind === 'end' || text === ',' || text === ')') return text;
    if (text === '(' || text === '[' || text === '{') tokens.skipBrackets();
  }
}
