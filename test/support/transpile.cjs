/**
 * Loads TypeScript in the tests and in the processes that they start. Each file is compiled once for all of them and for
 * later runs: ts-node compiles every file again in each process, which is most of what starting one costs. Types are not
 * checked here; `npm run check` does that. Plain JavaScript, since it loads the rest:
 * node -r ./test/support/transpile.cjs main.ts
 */
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');

require('./by-name.cjs');

const { version: VERSION } = require('typescript/package.json');

const ROOT = join(__dirname, '..', '..');
const COMPILED = join(ROOT, 'node_modules', '.cache', 'tiercel-tests');
const OPTIONS = {
  module: 'node20',
  target: 'es2022',
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
  inlineSourceMap: true,
};

mkdirSync(COMPILED, { recursive: true });
process.setSourceMapsEnabled(true);

Module._extensions['.ts'] = (module, file) => module._compile(compiled(file), file);

function compiled(file) {
  const source = readFileSync(file, 'utf8');
  const key = createHash('sha256')
    .update(JSON.stringify([VERSION, OPTIONS, file, source]))
    .digest('hex');
  const cached = join(COMPILED, `${key}.js`);
  if (existsSync(cached)) return readFileSync(cached, 'utf8');
  const ts = require('typescript');
  const { options } = ts.convertCompilerOptionsFromJson(OPTIONS, ROOT);
  const { outputText } = ts.transpileModule(source, { fileName: file, compilerOptions: options });
  // Another process may be writing the same file: each puts a whole one in place.
  const draft = `${cached}.${process.pid}`;
  writeFileSync(draft, outputText);
  renameSync(draft, cached);
  return outputText;
}
