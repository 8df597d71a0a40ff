import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';

/** The messages of the compiler for all files of a project, as `file(line): message`. */
function diagnose(project: string): {
  readonly files: readonly string[];
  readonly messages: readonly string[];
} {
  const config = ts.getParsedCommandLineOfConfigFile(join(__dirname, project), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  })!;
  const program = ts.createProgram(config.fileNames, config.options);
  const messages = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
    return `${file?.fileName}(${line}): ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  return { files: config.fileNames.map((name) => name.slice(__dirname.length + 1)), messages };
}

describe('the types of the decorators', () => {
  for (const mode of ['legacy', 'standard']) {
    it(`accept what they should and refuse what they should under ${mode} decorators`, () => {
      const { files, messages } = diagnose(`tsconfig.${mode}.json`);
      expect(files).to.include.members([
        'both/cacheable.ts',
        'both/writing.ts',
        'both/access.ts',
        'both/strategy.ts',
      ]);
      expect(files.some((file) => file.startsWith(`${mode}/`))).to.equal(true);
      expect(messages).to.deep.equal([]);
    }).timeout(60_000);
  }
});
