/**
 * Holds README.md and the manual in docs/ against the code: their snippets compile, and their tables list what there is,
 * and nothing else.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import type { CacheConfig } from '../../src/config/cache-config';
import { resolveConfig } from '../../src/config/define';
import { parseTemplate, renderTemplate } from '../../src/keys/template';
import { REFUSALS } from '../../src/ops/http/refusal';
import { ROUTES } from '../../src/ops/http/routes';
import { CACHE_METRICS } from '../../src/ops/observe/cache-metrics';
import { MISS_REASONS } from '../../src/ops/observe/tally';
import { ManualProgram } from './manual-program';
import { anchors, codes, links, section, table, tables } from './markdown';

const ROOT = join(__dirname, '..', '..');
/** The manual, whose contents are docs/README.md. */
const PAGES = readdirSync(join(ROOT, 'docs'))
  .filter((file) => file.endsWith('.md'))
  .map((page) => `docs/${page}`);
const README = pageText('README.md');
/** All pages, one after the other. */
const MANUAL = PAGES.map(pageText).join('\n');

function pageText(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

/** The names in the first cell of each row. */
function firstCodes(rows: readonly (readonly string[])[]): string[] {
  return rows.flatMap(([cell = '']) => codes(cell));
}

/** The value of a literal as it is written in TypeScript. */
function literal(text: string): unknown {
  return runInNewContext(`(${text})`);
}

describe('README.md and the manual', () => {
  let legacy: ManualProgram;

  before(() => {
    legacy = new ManualProgram(MANUAL, { legacyDecorators: true });
  });

  it('opens each page with a summary of two or three lines, and a snippet', () => {
    expect(PAGES.length).to.be.greaterThan(25);
    for (const page of PAGES) {
      const opening = /^# .+\n\n((?:> .+\n){1,3})\n/.exec(pageText(page));
      expect(opening, `${page}: a title, then a summary`).to.not.equal(null);
      const [beforeSnippet = ''] = pageText(page).slice(opening![0].length).split('```');
      expect(beforeSnippet.split('\n').length, `${page}: a snippet below the summary`).to.be.lessThan(6);
      expect(beforeSnippet, `${page}: a snippet below the summary`).to.not.match(/^(#|\|)/m);
    }
  });

  it('has each page in its contents', () => {
    const listed = links(pageText('docs/README.md')).map((link) => `docs/${link}`);
    expect(listed).to.include.members(PAGES.filter((page) => page !== 'docs/README.md'));
  });

  it('has snippets of TypeScript, and every one compiles with legacy decorators', () => {
    expect(legacy.snippetLines.length).to.be.greaterThan(25);
    expect(legacy.messages()).to.deep.equal([]);
    const start = new ManualProgram(README, { legacyDecorators: true });
    expect(start.snippetLines).to.have.lengthOf(2);
    expect(start.messages()).to.deep.equal([]);
  });

  it('has snippets that compile with TC39 decorators too, except those of Nest, which has only legacy ones', () => {
    const isNeeded = (text: string) => !text.includes('@nestjs/common');
    for (const text of [MANUAL, README]) {
      expect(new ManualProgram(text, { legacyDecorators: false }).messages(isNeeded)).to.deep.equal([]);
    }
  });

  it('names only commands that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const named = Array.from(README.matchAll(/npm (?:run )?([\w-]+)/g), ([, name]) => name!);
    const ofNpm = ['init', 'pkg', 'install', 'ci'];
    const commands = new Set(named.filter((name) => !ofNpm.includes(name)));
    expect([...commands]).to.include.members(['example', 'test']);
    expect(Object.keys(scripts)).to.include.members([...commands]);
  });

  it('points only to files and headings that exist', () => {
    for (const page of ['README.md', ...PAGES]) {
      const text = pageText(page);
      for (const target of links(text).filter((link) => !link.startsWith('https:'))) {
        const [file = '', anchor] = target.split('#');
        const path = file === '' ? join(ROOT, page) : join(ROOT, dirname(page), file);
        expect(existsSync(path), `${page}: ${target}`).to.equal(true);
        if (anchor !== undefined) {
          expect(anchors(readFileSync(path, 'utf8')), `${page}: ${target}`).to.include(anchor);
        }
      }
    }
    for (const file of codes(README + MANUAL).filter((text) => /^(test|src)\//.test(text))) {
      expect(existsSync(join(ROOT, file)), file).to.equal(true);
    }
  });

  it('lists the options of the configuration, each one, and no other', () => {
    const rows = tables(section(MANUAL, 'Configuration')).flatMap((options) => options.rows);
    expect(firstCodes(rows)).to.have.members(legacy.optionsOf('CacheConfig'));
  });

  it('gives defaults that change nothing when they are written out', () => {
    const rows = tables(section(MANUAL, 'Configuration')).flatMap((options) => options.rows);
    let compared = 0;
    for (const [option = '', , given = ''] of rows) {
      const [path = ''] = codes(option);
      const [value] = codes(given);
      if (value === undefined) continue;
      const names = path.split('.');
      const inner = names.length === 1 ? {} : { [names[1]!]: literal(value) };
      const withL2 = { l2: { host: 'redis', ...(names[0] === 'l2' ? inner : {}) } };
      const outer = names.length === 1 ? { [path]: literal(value) } : { [names[0]!]: inner };
      const resolved = resolveConfig({ ...outer, ...withL2 } as CacheConfig);
      const untouched = resolveConfig({ l2: { host: 'redis' } });
      // If it is left out, the URL gives the number of the database; 0 otherwise is Redis' own default.
      if (path === 'l2.db') expect(value).to.equal('0');
      else expect(resolved, path).to.deep.equal(untouched);
      compared += 1;
    }
    expect(compared).to.be.greaterThan(20);
  });

  it('lists the options of decorators and calls, and says which of them takes which', () => {
    const { header, rows } = table(MANUAL, 'Options of methods and calls');
    const types: Readonly<Record<string, string>> = {
      '@Cacheable': 'CacheableOptions',
      '@CachePut': 'CachePutOptions',
      '@CacheInvalidate': 'CacheInvalidateOptions',
      getOrSet: 'GetOrSetOptions',
      put: 'PutOptions',
      set: 'SetOptions',
    };
    const columns = header.map((cell) => codes(cell)[0]);
    expect(columns).to.include.members(Object.keys(types));
    for (const [column, type] of Object.entries(types)) {
      const taken = rows.filter((row) => row[columns.indexOf(column)] === 'yes');
      expect(firstCodes(taken), column).to.have.members(legacy.membersOf(type));
    }
  });

  it('lists the members of the cache, and the options of createCache', () => {
    const [members] = tables(section(MANUAL, 'The cache'));
    const named = firstCodes(members!.rows).map((call) => call.replace(/\(.*/, ''));
    expect(named).to.have.members(legacy.membersOf('TiercelCache'));
    const creation = section(MANUAL, 'Configuration')
      .split('\n\n')
      .find((text) => text.startsWith('`createCache('));
    expect(codes(creation ?? '')).to.include.members(legacy.membersOf('CreateOptions'));
  });

  it('has a glossary in alphabetical order that explains each term once', () => {
    const terms = table(MANUAL, 'Glossary').rows.map(([term = '']) => term.replaceAll('`', '').toLowerCase());
    expect(terms.length).to.be.greaterThan(60);
    expect(terms).to.deep.equal([...new Set(terms)].sort());
  });

  it('lists the findings of the check', () => {
    const listed = tables(section(MANUAL, 'Checking what is declared')).find(
      ({ header }) => header[0] === 'Finding',
    );
    expect(firstCodes(listed!.rows)).to.have.members(legacy.literalsOf('FindingCode'));
  });

  it('lists the outcomes of calls, the reasons of loads, the alerts, and what a strategy and the command can do', () => {
    const outcomes = firstCodes(table(MANUAL, 'Calls and lookups').rows);
    expect(['total', ...outcomes]).to.have.members(legacy.membersOf('CallStatistics'));
    expect(firstCodes(table(MANUAL, 'Why loads ran').rows.map(([reason = '']) => [reason]))).to.have.members(
      MISS_REASONS,
    );
    const alerts = legacy.literalsOf('AlertType');
    expect(firstCodes(table(MANUAL, 'Alerts').rows.map(([type = '']) => [type]))).to.have.members(alerts);
    const handled = table(section(MANUAL, 'Operations'), 'Alerts').rows.map(([type = '']) => codes(type)[0]);
    expect([...new Set(handled)]).to.have.members(alerts);
    const calls = firstCodes(table(MANUAL, 'Strategies').rows).map((call) => call.replace(/[<(].*/, ''));
    expect(calls).to.have.members(legacy.membersOf('Strategy'));
  });

  it('lists the events', () => {
    expect(firstCodes(table(MANUAL, 'Events').rows)).to.have.members(legacy.membersOf('CacheEvents'));
  });

  it('lists the codes of all errors and warnings, and no other', () => {
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(ROOT, 'src', file), 'utf8'));
    const codesIn = (assigned: RegExp) =>
      sources.flatMap((text) => Array.from(text.matchAll(assigned), ([, code]) => code!));
    const errors = table(MANUAL, 'Errors');
    const warnings = table(MANUAL, 'Warnings');
    expect(firstCodes(errors.rows)).to.have.members(codesIn(/(?:\bcode = |errorClass\(\s*)'(TIERCEL_\w+)'/g));
    expect(firstCodes(warnings.rows)).to.have.members(codesIn(/\bcode: '(TIERCEL_\w+)'/g));
  });

  it('lists the endpoints, the options of their handler, and the codes of their answers with the status', () => {
    const [endpoints, options, refusals] = tables(section(MANUAL, 'HTTP'));
    const routes = Object.entries(ROUTES).map(([path, { method }]) => `${method} /cache${path}`);
    expect(firstCodes(endpoints!.rows)).to.have.members(routes);
    expect(firstCodes(options!.rows)).to.have.members(
      legacy.membersOf('CacheHandlerOptions', 'tiercel/http'),
    );
    const listed = refusals!.rows.map(([code = '', status]) => [codes(code)[0], Number(status)]);
    expect(listed).to.have.deep.members(Object.entries(REFUSALS));
  });

  it('lists the options of the Nest module', () => {
    const lists = tables(section(MANUAL, 'NestJS')).map(({ rows }) => firstCodes(rows));
    expect(lists).to.have.length(2);
    expect(lists[0]).to.have.members(legacy.membersOf('TiercelModuleOptions', 'tiercel/nestjs'));
    expect(lists[1]).to.have.members(legacy.membersOf('HttpCacheOptions', 'tiercel/nestjs'));
  });

  it('lists the metrics with their types', () => {
    const listed = table(MANUAL, 'Metrics').rows.map(([name = '', type]) => [codes(name)[0], type]);
    expect(listed).to.have.deep.members(CACHE_METRICS.map(({ name, type }) => [name, type]));
  });

  it('shows keys as they are rendered', () => {
    const examples = tables(section(MANUAL, 'Keys')).find(({ header }) => header[2] === 'Key')!.rows;
    expect(examples.length).to.be.greaterThan(4);
    for (const row of examples) {
      const [template = '', values = '', key] = row.flatMap(codes);
      const given = literal(values) as Readonly<Record<string, unknown>>;
      expect(renderTemplate(parseTemplate(template), given)).to.equal(key);
    }
  });
});
