/**
 * Puts the files that `require('tiercel')` loads into one, after the compiler has made them: to find and read nearly 200
 * files is most of what loading the package costs. Each file stays in its place, and hands on what the bundle holds, so
 * that all doors of the package share its modules. The map of the bundle joins the maps of the files, and types stay as they are.
 *
 * node tools/bundle.cjs dist
 */
const { readFileSync, rmSync, writeFileSync } = require('node:fs');
const { dirname, join, posix, relative, resolve } = require('node:path');

const DIST = resolve(process.argv[2]);
const BUNDLE = 'bundle.js';
const REQUIRE = /\brequire\("(\.[^"]+)"\)/g;
const MAP_COMMENT = /\n?\/\/# sourceMappingURL=.*\s*$/;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Names of modules in the order in which they were found: paths below dist, without the extension. */
const names = new Set(['index']);
const code = new Map();
for (const name of names) {
  const text = readFileSync(join(DIST, `${name}.js`), 'utf8').replace(MAP_COMMENT, '');
  const own = text.replace(REQUIRE, (_, to) => {
    const found = posix.join(posix.dirname(name), to);
    names.add(found);
    return `require(${JSON.stringify(found)})`;
  });
  code.set(name, withOpsOnDemand(own));
}
const exported = Object.keys(require(join(DIST, 'index.js')));

const HEAD = `'use strict';
const loaded = new Map();
const load = (name) => {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const make = modules[name];
  if (make === undefined) return require(name);
  const module = { exports: {} };
  loaded.set(name, module);
  make(module.exports, load, module);
  return module.exports;
};
module.exports = load;
const modules = {
`;

let text = HEAD;
const mappings = [];
const sources = [];
/** What fields of a segment are relative to: source, line and column of the one before. */
const last = [0, 0, 0];
for (const [name, own] of code) {
  text += `${JSON.stringify(name)}: (function (exports, require, module) {\n`;
  append(name, text.split('\n').length - 1);
  text += `${own}\n}),\n`;
}
text += '};\n';
writeFileSync(join(DIST, BUNDLE), `${text}//# sourceMappingURL=${BUNDLE}.map\n`);
writeMap(BUNDLE, sources, mappings.map((line) => line ?? '').join(';'));
for (const name of names) {
  const bundle = posix.relative(posix.dirname(name), BUNDLE);
  const from = `require(${JSON.stringify(bundle.startsWith('.') ? bundle : `./${bundle}`)})(${JSON.stringify(name)})`;
  // The names of the entry are written out: whoever imports them looks for them in the text.
  const named = exported.map((each) => `exports.${each} = all.${each};\n`).join('');
  const stub = name === 'index' ? `const all = ${from};\n${named}` : `module.exports = ${from};\n`;
  writeFileSync(join(DIST, `${name}.js`), `'use strict';\n${stub}`);
  if (name === 'index') writeMap('index.js', ['../src/index.ts'], '');
  else rmSync(join(DIST, `${name}.js.map`));
}

/** What observes a cache is loaded when it is first used, which is never on the path of a call. Lines stay where they are. */
function withOpsOnDemand(own) {
  let text = own;
  for (const [line, variable, call] of own.matchAll(/^const (\w+) = (require\("ops\/[^"]+"\));$/gm)) {
    text = text.replace(line, '').replaceAll(new RegExp(`\\b${variable}\\.`, 'g'), `(${call}).`);
  }
  return text;
}

/** Appends the mappings of a module whose code begins at this line of the bundle. */
function append(name, firstLine) {
  const map = JSON.parse(readFileSync(join(DIST, `${name}.js.map`), 'utf8'));
  const offset = sources.length;
  sources.push(...map.sources.map((source) => relative(DIST, resolve(dirname(join(DIST, name)), source))));
  // Of this module's own map, with the sources counted from the first of the bundle.
  const at = [0, 0, 0];
  map.mappings.split(';').forEach((line, index) => {
    const segments = line.split(',').map((segment) => {
      const [column, ...rest] = decoded(segment);
      if (rest.length === 0) return segment;
      const absolute = [0, 1, 2].map((field) => at[field] + rest[field]);
      absolute.forEach((value, field) => {
        at[field] = value;
      });
      const target = [absolute[0] + offset, absolute[1], absolute[2]];
      const fields = [column, ...target.map((value, field) => value - last[field])];
      target.forEach((value, field) => {
        last[field] = value;
      });
      return fields.map(encoded).join('');
    });
    mappings[firstLine + index] = segments.join(',');
  });
}

function writeMap(file, ofFile, text) {
  const map = { version: 3, file, sourceRoot: '', sources: ofFile, names: [], mappings: text };
  writeFileSync(join(DIST, `${file}.map`), JSON.stringify(map));
}

/** The numbers of a segment: base64 digits of five bits, of which the lowest bit of the first is the sign. */
function decoded(segment) {
  const numbers = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = DIGITS.indexOf(character);
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    numbers.push((value & 1) === 0 ? value >> 1 : -(value >> 1));
    value = 0;
    shift = 0;
  }
  return numbers;
}

function encoded(number) {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1;
  let text = '';
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += DIGITS[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}
