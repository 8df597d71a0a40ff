/**
 * A real Prometheus that scrapes a cache in use, with the rules that the package brings: what promtool finds sound on paper is
 * held where it has to work. Everything is on loopback, and in a folder that is removed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { Registry } from 'prom-client';
import { createCacheHandler } from '../../../src/ops/http/cache-handler';
import { sharedRedis, useNodes } from '../../support/nodes';
import { describeWith } from '../../support/optional-program';

const RULES = join(__dirname, '../../../monitoring/alerts.yml');
const WITHIN_MS = 30_000;
const ASK_AGAIN_MS = 50;

describeWith('prometheus', 'a Prometheus server', (prometheus) => {
  const nodes = useNodes(after);
  let folder: string;
  let served: Server;
  let child: ChildProcess;
  let log = '';
  let base: string;

  /** What the API answers, as soon as it is `accepted`; Prometheus has no way to wait for a scrape. */
  async function asked<Data>(path: string, accepted: (data: Data) => boolean): Promise<Data> {
    const endsAt = performance.now() + WITHIN_MS;
    for (;;) {
      const answer = await fetch(`${base}${path}`).catch(() => undefined);
      if (answer?.ok) {
        const { data } = (await answer.json()) as { data: Data };
        if (accepted(data)) return data;
      }
      if (performance.now() > endsAt || child.exitCode !== null)
        throw new Error(`${path}: no answer\n${log}`);
      await pause(ASK_AGAIN_MS);
    }
  }

  before(async () => {
    const cache = await nodes.node(await sharedRedis());
    for (const id of [1, 1, 2]) {
      await cache.getOrSet(['row:<id>', { id }], () => ({ id }), { name: 'Rows.row' });
    }
    served = createServer(createCacheHandler(cache, { registry: new Registry() }));
    served.listen(0, '127.0.0.1');
    await once(served, 'listening');
    const target = `127.0.0.1:${(served.address() as AddressInfo).port}`;
    const port = await freePort();
    base = `http://127.0.0.1:${port}/api/v1`;
    folder = mkdtempSync(join(tmpdir(), 'tiercel-prometheus-'));
    writeFileSync(join(folder, 'prometheus.yml'), configuration(target));
    child = spawn(prometheus, [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        log += text;
      });
    }
  });

  after(async () => {
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    served.closeAllConnections();
    served.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('scrapes the endpoint: the target is up, and nothing that it says is refused', async () => {
    interface Targets {
      readonly activeTargets: readonly { readonly health: string; readonly lastError: string }[];
    }
    const { activeTargets } = await asked<Targets>('/targets', (data) =>
      data.activeTargets.some(({ health }) => health !== 'unknown'),
    );
    expect(activeTargets.map(({ health, lastError }) => ({ health, lastError }))).to.deep.equal([
      { health: 'up', lastError: '' },
    ]);
  });

  it('has the figures of the cache afterwards', async () => {
    interface Found {
      readonly result: readonly {
        readonly metric: Record<string, string>;
        readonly value: [number, string];
      }[];
    }
    const query = encodeURIComponent('cache_calls_total{method="Rows.row"} > 0');
    const { result } = await asked<Found>(`/query?query=${query}`, (data) => data.result.length > 0);
    const byOutcome = result.map(({ metric, value }) => [metric['outcome'], value[1]]);
    expect(Object.fromEntries(byOutcome)).to.include({ loaded: '2' });
    expect(result[0]?.metric).to.include({ cache: nodes.namespace });
  });

  it('has loaded every rule, evaluates them all without an error, and raises none', async () => {
    interface Rules {
      readonly groups: readonly {
        readonly rules: readonly {
          readonly name: string;
          readonly health: string;
          readonly lastError?: string;
          readonly state: string;
        }[];
      }[];
    }
    const { groups } = await asked<Rules>('/rules', ({ groups: all }) =>
      all.every(({ rules }) => rules.every(({ health }) => health !== 'unknown')),
    );
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.map(({ name }) => name)).to.include.members(['CacheHitRateLow', 'CacheResponseSlow']);
    for (const { name, health, lastError, state } of rules) {
      expect({ name, health, lastError, state }).to.deep.equal({
        name,
        health: 'ok',
        lastError: undefined,
        state: 'inactive',
      });
    }
  });
});

function configuration(target: string): string {
  return JSON.stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [RULES],
    scrape_configs: [
      {
        job_name: 'tiercel',
        metrics_path: '/cache/metrics',
        static_configs: [{ targets: [target] }],
      },
    ],
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
