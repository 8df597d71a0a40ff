import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Finding } from '../../../src/contract/declared';
import type { CommandResult } from '../../../src/ops/cli/command';
import { formatted } from '../../../src/ops/cli/findings-text';

const ROOT = join(__dirname, '..', '..', '..');
const TRANSPILE = join(ROOT, 'test', 'support', 'transpile.cjs');
const FIXTURES = join(__dirname, 'fixtures');

/** In processes of their own: the declarations of this one are those of all tests. */
function node(...args: string[]) {
  return spawnSync(process.execPath, ['-r', TRANSPILE, ...args], {
    cwd: FIXTURES,
    encoding: 'utf8',
    timeout: 50_000,
  });
}

/** Several commands in one process, to spare the tests the time that it takes to start. */
function outcomes(...commands: readonly (readonly string[])[]): CommandResult[] {
  const script = `
    const { run } = require(${JSON.stringify(join(ROOT, 'src', 'ops', 'cli', 'run'))});
    const terminal = { isInteractive: false, env: {}, cwd: process.cwd(), ask: () => '' };
    (async () => {
      const outcomes = [];
      for (const args of ${JSON.stringify(commands)}) outcomes.push(await run(args, terminal));
      process.stdout.write(JSON.stringify(outcomes), () => process.exit());
    })();`;
  const { stdout, stderr } = node('-e', script);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as CommandResult[];
}

describe('the command tiercel', () => {
  it('ends with the code of its outcome; what the module prints is not taken for output', () => {
    const main = join(ROOT, 'src', 'ops', 'cli', 'main.ts');
    const { status, stdout, stderr } = node(main, 'check', 'hidden.ts');
    expect({ status, stdout, stderr }).to.deep.equal({
      status: 0,
      stdout:
        "info  never-invalidated  Nothing that is declared invalidates or replaces 'user:<id>' of Users.user: only its ttl bounds its age.  hidden.ts:8:11\n" +
        'Checked 1 templates of 1 methods, and 0 invalidators: 0 error, 0 warning, 1 info.\n',
      stderr: 'started\n',
    });
  });

  it('check fails if there is a mistake, and names it, its place and the likely meaning', () => {
    const [text] = outcomes(['check', 'misspelt.ts']);
    expect(text!.code).to.equal(1);
    expect(text!.out).to.match(
      /^error {2}unreached-pattern +Feeds\.clear invalidates 'feeds:<userId>'.+Did you mean 'feed:<userId>'\? +misspelt\.ts:13:9$/m,
    );
    expect(text!.out).to.match(
      /^Checked 1 templates of 1 methods, and 1 invalidators: 1 error, 0 warning, 1 info\.$/m,
    );
  });

  it('check prints findings as data, for GitHub and as SARIF', () => {
    const finding: Finding = {
      level: 'warning',
      code: 'broad-pattern',
      message: '100 % of it',
      template: '*',
      method: 'Feeds.clear',
      place: '/app/src/feeds.ts:13:9',
    };
    const map = { cache: 'app', templates: [], unreached: [], computed: [] };
    const printed = (format: 'json' | 'github' | 'sarif') =>
      formatted([{ namespace: 'app', map, findings: [finding] }], format, {
        isInteractive: false,
        cwd: '/app',
      });
    expect(JSON.parse(printed('json'))).to.deep.equal({ app: [finding] });
    expect(printed('github')).to.equal(
      '::warning file=src/feeds.ts,line=13,col=9,title=tiercel broad-pattern::100 %25 of it\n',
    );
    const { version, runs } = JSON.parse(printed('sarif'));
    expect(version).to.equal('2.1.0');
    expect(runs[0].results).to.deep.equal([
      {
        ruleId: 'broad-pattern',
        level: 'warning',
        message: { text: '100 % of it' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'src/feeds.ts' },
              region: { startLine: 13, startColumn: 9 },
            },
          },
        ],
      },
    ]);
  });

  it('check that has checked nothing is an error, not a success', () => {
    const [nothing] = outcomes(['check', 'declares-nothing.ts']);
    expect(nothing).to.include({ code: 2, out: '' });
    expect(nothing!.err).to.match(/^Nothing was checked: no class with decorated methods/);
  });

  it('check fails for more warnings than allowed', () => {
    const [refused] = outcomes(['check', 'warns.ts', '--max-warnings', '0']);
    expect(refused!.code).to.equal(1);
    expect(refused!.out).to.match(/0 error, 1 warning/);
  });

  it('check loads what package.json names, and ES modules that await', () => {
    const expected = /^Checked 1 templates of 2 methods, and 2 invalidators: nothing found\.\n$/;
    expect(outcomes(['check', 'module.mjs', '--fail-on', 'info'])[0]!.out).to.match(expected);
    const main = join(ROOT, 'src', 'ops', 'cli', 'main.ts');
    const { stdout } = spawnSync(process.execPath, ['-r', TRANSPILE, main, 'check'], {
      cwd: join(FIXTURES, 'with-entry'),
      encoding: 'utf8',
    });
    expect(stdout).to.match(expected);
  });

  it('map and keys print tables', () => {
    const [map, keys] = [
      ['map', 'sound.ts'],
      ['keys', 'sound.ts'],
    ].map((command) => outcomes(command)[0]!);
    expect(map!.out.split('\n')).to.deep.equal([
      'template                             by',
      'provider:<id>:stats  read by         Providers.stats',
      'provider:<id>:stats  written by      Providers.update',
      'provider:<id>:stats  invalidated by  Providers.remove (provider:<id>:*)',
      'provider:<id>:stats  invalidated by  Providers.signal (event signal.created: provider:<providerId>:stats)',
      '',
    ]);
    expect(keys!.out).to.include(
      'sound:provider:<id>:stats  60 s  600 s  Providers.stats, Providers.update\n',
    );
  });

  it('explains each code in the words of the manual', () => {
    const [known, near] = outcomes(['explain', 'TIERCEL_NO_CACHE'], ['explain', 'TIERCEL_NO_CASH']);
    expect(known!.out).to.match(/^TIERCEL_NO_CACHE\n {2}A decorated method ran without a cache\./);
    expect(near).to.deep.include({
      code: 2,
      err: 'No such code: TIERCEL_NO_CASH. Did you mean TIERCEL_NO_CACHE?\n',
    });
  });

  it('ends with 2 if it cannot do what it is asked, and says why', () => {
    const cases = [
      [['check', 'without-cache.ts'], /has made no cache/],
      [['check', 'throws.ts'], /cannot be loaded: Error: no configuration/],
      [[], /^No command/],
      [['chekc', 'sound.ts'], /^No such command: chekc\. Did you mean check\?/],
      [['map'], /^No module/],
      [['map', 'sound.ts', 'misspelt.ts'], /^It takes one module/],
      [['map', 'misspelt.ts', '--format', 'xml'], /^--format is one of/],
      [['check', 'misspelt.ts', '--fail-on', 'anything'], /^--fail-on is one of/],
      [['check', 'misspelt.ts', '--colour'], /Unknown option '--colour'.*\nRun tiercel check --help/s],
      [['health'], /^No service/],
      [['health', '--url', 'http://127.0.0.1:1/cache'], /does not answer/],
      [['invalidate', '--url', 'http://127.0.0.1:1/cache'], /^Nothing to invalidate/],
      [['doctor'], /^It takes the URL/],
    ] as const;
    const found = outcomes(...cases.map(([args]) => args), ['--help'], ['check', '--help'], ['--version']);
    for (const [index, [args, complaint]] of cases.entries()) {
      const { code, out, err } = found[index]!;
      expect([code, out], args.join(' ')).to.deep.equal([2, '']);
      expect(err).to.match(complaint);
    }
    const [overview, help, version] = found.slice(-3);
    expect(overview!.out).to.match(/Before anything runs:.*A running service:.*Examples:/s);
    expect(help!.out).to.match(/^tiercel check \[module\]\n.*--max-warnings <n>/s);
    expect(version!.out).to.match(/^\d+\.\d+\.\d+\n$/);
  });
});
