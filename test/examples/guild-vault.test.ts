/**
 * Runs the guild-vault example as its readers do: with a Redis that it finds, and without any. Once its invalidator
 * forgets a method: workers that cannot be caught with an old value would prove nothing.
 */
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Ended, runExample } from './run-example';

const METHODS = [
  'onUserVaultUpdate',
  'onUserScoreUpdate',
  'onGuildLeaderboardChange',
  'onTenantConfigUpdate',
  'onBalanceChange',
  'onChainReorg',
  'onBulkUserUpdate',
  'writeThrough',
];

function expectSoundRun({ code, out, errors }: Ended, promises: number): void {
  expect(errors).to.equal('');
  expect(out).not.to.include('✗');
  expect(out.match(/^ {2}✓ /gm)).to.have.length(promises);
  for (const method of METHODS)
    expect(out).to.match(new RegExp(`^ {2}${method} +worker \\d +in all \\d +revision \\d+`, 'm'));
  for (const figure of ['0.71 µs', '1,058,913 ops/s']) expect(out).to.include(figure);
  const longest = Math.max(...out.split('\n').map((line) => line.length));
  expect(longest).to.be.at.most(130);
  expect(code).to.equal(0);
}

describe('the guild-vault example', () => {
  it('finds a Redis to run, and three workers hear of each other, also after it was stopped and started', async () => {
    const run = await runExample('guild-vault', {});
    expectSoundRun(run, 19);
    expect(run.out).to.match(/L2 +a private server/);
    expect(run.out).to.match(/onUserVaultUpdate +worker 1 +in all 3 /);
    expect(run.out).to.match(/All use Redis again \d+ ms after its return/);
    expect(run.out).to.match(/Alert: This process invalidates \d+ keys, patterns and tags a minute/);
  });

  it('finds no Redis, says so, and shows the same on one worker with L1 alone', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'tiercel-no-redis-'));
    try {
      const run = await runExample('guild-vault', { PATH: empty, REDIS_SERVER: '' });
      expectSoundRun(run, 14);
      expect(run.out)
        .to.match(/L2 +none found: L1 alone/)
        .and.match(/Workers +one process/);
      expect(run.out).to.include('No outage is shown');
    } finally {
      rmdirSync(empty);
    }
  });

  it('names the change that a worker did not show, and fails, if the invalidator forgets a method', async () => {
    const run = await runExample('guild-vault', { FORGOTTEN: 'onTenantConfigUpdate' });
    expect(run.out).to.include(
      '✗ Every worker has read what is new, and all the same: not after onTenantConfigUpdate',
    );
    expect(run.out).to.match(/✗ In the worker that made the change .*: not after onTenantConfigUpdate/);
    expect(run.out).to.match(/✗ In the others none .*: not after onTenantConfigUpdate/);
    expect(run.out).to.match(/onTenantConfigUpdate +worker 1 +in all 3 .*never/);
    expect(run.code).to.equal(1);
  });
});
