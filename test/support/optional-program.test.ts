import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { findProgram } from './optional-program';

const MOCHA = join(__dirname, '..', '..', 'node_modules', 'mocha', 'bin', 'mocha.js');

describe('a suite that needs a program', () => {
  it('finds the program on the PATH, and nothing that cannot be run', () => {
    expect(findProgram('node', `/nowhere:${dirname(process.execPath)}`)).to.match(/node$/);
    expect(findProgram('package.json', process.cwd())).to.equal(undefined);
    expect(findProgram('node', '')).to.equal(undefined);
  });

  it('is not defined without it, and the last line of the run says so', () => {
    const lines = linesOfRun('no-such-program');
    expect(lines).to.include('  1 passing');
    expect(lines.at(-1)).to.equal('Did not run: a picky suite (no no-such-program on the PATH).');
  });

  it('runs with it, and nothing is said', () => {
    const lines = linesOfRun('sh');
    expect(lines).to.include('  2 passing');
    expect(lines.join('\n')).not.to.include('Did not run');
  });

  /** Of a run of two suites, one of which needs the program. */
  function linesOfRun(program: string): string[] {
    const fixture = join(__dirname, 'optional-program.fixture.ts');
    const { stdout } = spawnSync(
      process.execPath,
      [MOCHA, '--no-config', '-r', join(__dirname, 'transpile.cjs'), fixture],
      { encoding: 'utf8', env: { ...process.env, NEEDED_PROGRAM: program, NO_COLOR: '1', FORCE_COLOR: '0' } },
    );
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ \(\d+ms\)$/, ''));
  }
});
