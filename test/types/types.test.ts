import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { complaints, typeProgram } from '../support/type-program';

function projectOf(mode: string): ts.ParsedCommandLine {
  return ts.getParsedCommandLineOfConfigFile(join(__dirname, `tsconfig.${mode}.json`), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  })!;
}

describe('the types of the decorators', () => {
  for (const mode of ['legacy', 'standard']) {
    it(`accept what they should and refuse what they should under ${mode} decorators`, () => {
      const { fileNames, options } = projectOf(mode);
      const files = fileNames.map((name) => name.slice(__dirname.length + 1));
      expect(files).to.include.members([
        'both/cacheable.ts',
        'both/writing.ts',
        'both/access.ts',
        'both/strategy.ts',
      ]);
      expect(files.some((file) => file.startsWith(`${mode}/`))).to.equal(true);
      expect(complaints(typeProgram(fileNames, options), (file) => fileNames.includes(file))).to.deep.equal(
        [],
      );
    });
  }
});
