/**
 * Lets the examples import `tiercel` by name, as an application does, without a build. Node would resolve the name by the
 * `exports` of package.json, which point into dist/. Here each points to its source.
 */
const Module = require('node:module');
const { join, posix } = require('node:path');

const { name: NAME, exports: DOORS } = require('../../package.json');

const ROOT = join(__dirname, '..', '..');
const SOURCES = new Map();
for (const [door, { default: built }] of Object.entries(DOORS)) {
  if (built === undefined) continue;
  SOURCES.set(posix.join(NAME, door), join(ROOT, built.replace('/dist/', '/src/').replace(/\.js$/, '.ts')));
}

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => resolveFilename(SOURCES.get(request) ?? request, ...rest);
