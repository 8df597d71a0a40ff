import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import type { CommandResult } from '../../../src/ops/cli/run';

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
    (async () => {
      const outcomes = [];
      for (const args of ${JSON.stringify(commands)}) outcomes.push(await run(args));
      process.stdout.write(JSON.stringify(outcomes), () => process.exit());
    })();`;
  const { stdout, stderr } = node('-e', script);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as CommandResult[];
}

describe('the command tiercel', () => {
  it('ends with the code of its outcome, without waiting for a Redis that is away', () => {
    const { status, stdout, stderr } = node(
      join(ROOT, 'src', 'ops', 'cli', 'main.ts'),
      'check',
      'default-only.ts',
    );
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: 'Nothing found.\n', stderr: '' });
  });

  it('check fails if there is a mistake, and names it, its place and the likely meaning; as text and as data', () => {
    const [text, data] = outcomes(
      ['check', 'misspelt.ts'],
      ['check', 'misspelt.ts', '--json', '--fail-on', 'info'],
    );
    expect(text!.code).to.equal(1);
    expect(text!.out).to.match(
      /^error {2}unreached-pattern +Feeds\.clear invalidates 'feeds:<userId>'.+Did you mean 'feed:<userId>'\?$/m,
    );
    expect(text!.out).to.match(/^1 error, 0 warning, 1 info$/m);
    expect(data!.code).to.equal(1);
    const codes = JSON.parse(data!.out).misspelt.map(({ code }: { code: string }) => code);
    expect(codes).to.deep.equal(['unreached-pattern', 'never-invalidated']);
  });

  it('map and keys print tables, and map a diagram', () => {
    const [checked, map, keys, mermaid, json] = outcomes(
      ['check', 'sound.ts', '--fail-on', 'info'],
      ['map', 'sound.ts'],
      ['keys', 'sound.ts'],
      ['map', 'sound.ts', '--format', 'mermaid'],
      ['map', 'sound.ts', '--json'],
    );
    expect(checked).to.deep.equal({ code: 0, out: 'Nothing found.\n', err: '' });
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
    expect(mermaid!.out).to.match(/^flowchart LR\n/);
    expect(JSON.parse(json!.out)).to.have.nested.property('sound.templates[0].redisKey');
  });

  it('ends with 2 if it cannot do what it is asked, and says why', () => {
    const cases = [
      [['check', 'without-cache.ts'], /has no cache/],
      [['check', 'throws.ts'], /cannot be loaded: Error: no configuration/],
      [[], /^No command/],
      [['chekc', 'sound.ts'], /^No such command: chekc/],
      [['map'], /^map takes one module/],
      [['map', 'misspelt.ts', '--format', 'xml'], /^--format is one of/],
      [['check', 'misspelt.ts', '--fail-on', 'anything'], /^--fail-on is one of/],
      [['check', 'misspelt.ts', '--colour'], /Unknown option '--colour'/],
    ] as const;
    const found = outcomes(...cases.map(([args]) => args), ['--help']);
    for (const [index, [args, complaint]] of cases.entries()) {
      const { code, out, err } = found[index]!;
      expect([code, out], args.join(' ')).to.deep.equal([2, '']);
      expect(err).to.match(complaint);
    }
    expect(found.at(-1)).to.include({ code: 0, err: '' });
  });
});
