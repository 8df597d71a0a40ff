/**
 * The TypeScript of a document as one program: every snippet a file, `tiercel` the sources of this checkout. It gives what
 * the compiler says about the snippets, and which members the public types have.
 *
 * A snippet whose first line is `// name.ts` is the file of that name, which others may import. One without an import is a
 * fragment, and sees the `cache` of `cache.ts`.
 */
import { join } from 'node:path';
import ts from 'typescript';
import { typeProgram } from '../support/type-program';
import { type Snippet, snippets } from './markdown';

const ROOT = join(__dirname, '..', '..');
/** No such folder: the files in it exist only here. */
const FOLDER = join(ROOT, 'readme');
const INDEX = join(ROOT, 'src', 'index.ts');
const HTTP = join(ROOT, 'src', 'ops', 'http', 'cache-handler.ts');
const NESTJS = join(ROOT, 'src', 'nestjs', 'tiercel-module.ts');
const OTEL = join(ROOT, 'src', 'otel', 'instrument.ts');
const TESTING = join(ROOT, 'src', 'testing', 'test-cache.ts');
/** What users import, and the source that it is. */
const DOORS = {
  tiercel: INDEX,
  'tiercel/http': HTTP,
  'tiercel/nestjs': NESTJS,
  'tiercel/otel': OTEL,
  'tiercel/testing': TESTING,
} as const;
export type Door = keyof typeof DOORS;

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  esModuleInterop: true,
  skipLibCheck: true,
  noEmit: true,
  types: ['node'],
  paths: Object.fromEntries(Object.entries(DOORS).map(([name, file]) => [name, [file]])),
};

export class ManualProgram {
  readonly #lines = new Map<string, number>();
  readonly #sources = new Map<string, string>();
  readonly #program: ts.Program;

  constructor(manual: string, { legacyDecorators }: { readonly legacyDecorators: boolean }) {
    for (const snippet of snippets(manual, 'ts')) this.#add(snippet);
    const options = { ...OPTIONS, experimentalDecorators: legacyDecorators };
    this.#program = typeProgram([...Object.values(DOORS), ...this.#sources.keys()], options, this.#sources);
  }

  /** Snippets by the line of the text on which they begin. */
  get snippetLines(): number[] {
    return [...this.#lines.values()];
  }

  /**
   * What the compiler says about the snippets, as `manual(line): message`.
   * @param needed leaves a snippet out where it returns false; gets its text
   */
  messages(needed: (text: string) => boolean = () => true): string[] {
    const files = [...this.#lines.keys()].filter((file) => needed(this.#sources.get(file)!));
    return files.flatMap((file) => {
      const source = this.#program.getSourceFile(file)!;
      return [
        ...this.#program.getSyntacticDiagnostics(source),
        ...this.#program.getSemanticDiagnostics(source),
      ].map(({ start = 0, messageText }) => {
        const line = this.#lines.get(file)! + source.getLineAndCharacterOfPosition(start).line;
        return `manual(${line}): ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      });
    });
  }

  /** The names of the members of an exported interface or class, inherited ones too, those marked `@internal` not. */
  membersOf(name: string, door: Door = 'tiercel'): string[] {
    return this.#properties(this.#exportedType(name, door)).map((member) => member.name);
  }

  /** The strings that a union of literals allows. */
  literalsOf(name: string): string[] {
    const type = this.#exportedType(name, 'tiercel');
    return (type.isUnion() ? type.types : [type]).flatMap((one) =>
      one.isStringLiteral() ? [one.value] : [],
    );
  }

  /** As `membersOf`, with `section.option` for members whose type is one of the configuration's own sections. */
  optionsOf(name: string): string[] {
    const checker = this.#program.getTypeChecker();
    return this.#properties(this.#exportedType(name, 'tiercel')).flatMap((option) => {
      const type = checker.getTypeOfSymbol(option);
      const inner = (type.isUnion() ? type.types : [type]).find(({ symbol }) =>
        symbol?.name.endsWith('Config'),
      );
      const nested = inner === undefined ? [] : this.#properties(inner);
      return [option.name, ...nested.map((member) => `${option.name}.${member.name}`)];
    });
  }

  #add({ text, line }: Snippet): void {
    const named = /^\/\/ (\S+\.ts)\n/.exec(text)?.[1];
    const file = join(FOLDER, named ?? `line-${line}.ts`);
    const isWhole = /^import /m.test(text);
    // On one line, so that the compiler's line numbers stay those of the snippet.
    const scope = isWhole ? '' : "import { cache } from './cache'; ";
    this.#sources.set(file, scope + text);
    this.#lines.set(file, line);
  }

  #exportedType(name: string, door: Door): ts.Type {
    const checker = this.#program.getTypeChecker();
    const index = checker.getSymbolAtLocation(this.#program.getSourceFile(DOORS[door])!)!;
    const found = checker.getExportsOfModule(index).find((symbol) => symbol.name === name);
    if (found === undefined) throw new Error(`${door} exports no '${name}'`);
    const target = found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
    return checker.getDeclaredTypeOfSymbol(target);
  }

  #properties(type: ts.Type): ts.Symbol[] {
    return type
      .getProperties()
      .filter((member) => !member.name.startsWith('#'))
      .filter((member) => !member.getJsDocTags().some((tag) => tag.name === 'internal'));
  }
}
