/**
 * Reads JavaScript source token by token, as far as it takes to tell names and punctuation from the insides of
 * strings, templates, regular expressions and comments. It refuses to understand grammar beyond that, and expects
 * source that an engine has already accepted.
 */
export interface Token {
  readonly kind: 'name' | 'punctuator' | 'literal' | 'end';
  /** The whole name; one character of a punctuator, `=>` and `...` excepted; '' for literals and the end. */
  readonly text: string;
  /** The offsets of its first character and of the one after its last. */
  readonly start: number;
  readonly end: number;
}

const NAME = /(?:[\p{ID_Continue}$\u200c\u200d]|\\u(?:[\dA-Fa-f]{4}|\{[\dA-Fa-f]+\}))+/uy;
const NUMBER = /\d(?:[\w.]|(?<=[eE])[+-])*/y;
const BLANK = /(?:\s|\/\/[^\n\r\u2028\u2029]*|\/\*.*?\*\/)+/sy;
const QUOTED = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/sy;
const TEMPLATE_PART = /(?:[^`\\$]|\\.|\$(?!\{))*(?:`|\$\{)/sy;
const REGEX = /\/(?:[^/\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+\/\p{ID_Continue}*/uy;
const PUNCTUATOR = /=>|\.\.\.|./sy;

/** Names after which an expression begins, so that '/' opens a regular expression instead of dividing. */
const BEFORE_EXPRESSION = new Set(
  'await case delete do else in instanceof new of return throw typeof void yield'.split(' '),
);

const LITERAL = { kind: 'literal', text: '' } as const;

export class JavaScriptTokens {
  #at = 0;
  #last: Pick<Token, 'kind' | 'text'> = { kind: 'end', text: '' };

  constructor(private readonly source: string) {}

  next(): Token {
    this.#take(BLANK);
    const start = this.#at;
    const read = this.#read();
    this.#last = read;
    return { ...read, start, end: this.#at };
  }

  /** The source between two offsets. */
  slice(start: number, end: number): string {
    return this.source.slice(start, end);
  }

  /** Reads past the bracket that closes the one just read, and returns it. */
  skipBrackets(): Token {
    for (let depth = 1; ; ) {
      const token = this.next();
      const { kind, text } = token;
      if (kind === 'end') return token;
      if (kind !== 'punctuator') continue;
      if (text === '(' || text === '[' || text === '{') depth++;
      else if ((text === ')' || text === ']' || text === '}') && --depth === 0) return token;
    }
  }

  #read(): Pick<Token, 'kind' | 'text'> {
    if (this.#at >= this.source.length) return { kind: 'end', text: '' };
    if (this.#take(QUOTED) !== undefined || this.#take(NUMBER) !== undefined) return LITERAL;
    const name = this.#take(NAME);
    if (name !== undefined) return { kind: 'name', text: name };
    if (!this.#divides() && this.#take(REGEX) !== undefined) return LITERAL;
    const text = this.#take(PUNCTUATOR)!;
    if (text === '`') return this.#template();
    return { kind: 'punctuator', text };
  }

  /** The parts between the substitutions; a substitution is any source up to its own closing brace. */
  #template(): typeof LITERAL {
    while (this.#take(TEMPLATE_PART)?.endsWith('{')) {
      this.#last = { kind: 'punctuator', text: '{' };
      this.skipBrackets();
    }
    return LITERAL;
  }

  /** Whether a '/' at this place would be a division: after an operand. */
  #divides(): boolean {
    const { kind, text } = this.#last;
    if (kind === 'literal') return true;
    if (kind === 'name') return !BEFORE_EXPRESSION.has(text);
    return text === ')' || text === ']' || text === '}';
  }

  #take(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.source)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    return found;
  }
}
