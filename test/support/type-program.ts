/**
 * Programs that the compiler checks in this process. They share the files that they parse, those of libraries and of
 * this project, which is most of what a program costs.
 */
import { dirname } from 'node:path';
import ts from 'typescript';

const parsed = new Map<string, ts.SourceFile | undefined>();

/** @param written files that exist only in this program, by path */
export function typeProgram(
  files: readonly string[],
  options: ts.CompilerOptions,
  written: ReadonlyMap<string, string> = new Map(),
): ts.Program {
  const folders = new Set(Array.from(written.keys(), dirname));
  const host = ts.createCompilerHost(options);
  const { directoryExists, fileExists, readFile, getSourceFile } = host;
  host.directoryExists = (folder) => folders.has(folder) || directoryExists?.(folder) !== false;
  host.fileExists = (file) => written.has(file) || fileExists(file);
  host.readFile = (file) => written.get(file) ?? readFile(file);
  host.getSourceFile = (file, target, ...rest) => {
    const text = written.get(file);
    if (text !== undefined) return ts.createSourceFile(file, text, target);
    const key = `${file} ${JSON.stringify(target)}`;
    if (!parsed.has(key)) parsed.set(key, getSourceFile.call(host, file, target, ...rest));
    return parsed.get(key);
  };
  return ts.createProgram(files, options, host);
}

/** What the compiler says about these files, as `path(line): message`, and about the options. */
export function complaints(program: ts.Program, concerned: (file: string) => boolean): string[] {
  const about = program.getSourceFiles().filter(({ fileName }) => concerned(fileName));
  return [
    ...program.getOptionsDiagnostics(),
    ...about.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ].map(({ file, start = 0, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
    return `${file?.fileName ?? 'options'}(${line}): ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}
