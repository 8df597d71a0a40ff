/** The files under `monitoring/` that ship with the package, held against the metrics and the defaults. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { resolveConfig } from '../../../src/config/define';
import { CACHE_METRICS } from '../../../src/ops/observe/cache-metrics';
import { describeWith } from '../../support/optional-program';

const ROOT = join(__dirname, '..', '..', '..');
const RULES = join(ROOT, 'monitoring', 'alerts.yml');
const rules = readFileSync(RULES, 'utf8');

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly targets: readonly { readonly expr: string }[];
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number };
  }[];
}

const dashboard = JSON.parse(readFileSync(join(ROOT, 'monitoring', 'grafana.json'), 'utf8')) as Dashboard;

/** The names of series that a query asks for, without the suffixes of a histogram. */
function metricsIn(text: string): string[] {
  return Array.from(text.matchAll(/\bcache_[a-z0-9_]+/g), ([name]) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );
}

describe('the files for Prometheus and Grafana', () => {
  const known = CACHE_METRICS.map(({ name }) => name);

  it('ask for metrics that there are, and for no other', () => {
    const asked = [
      ...metricsIn(rules),
      ...dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr))),
    ];
    expect(asked.length).to.be.greaterThan(20);
    expect(asked.filter((name) => !known.includes(name))).to.deep.equal([]);
  });

  it('show every metric on the dashboard, except those that are the same under another name', () => {
    const shown = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)));
    const doubles = [
      'cache_deletes_total',
      'cache_hit_rate',
      'cache_overall_hit_rate',
      'cache_latency_ms',
      'cache_coherence_trusted',
    ];
    expect(new Set([...shown, ...doubles])).to.deep.equal(new Set(known));
  });

  it('have panels that do not cover each other', () => {
    const places = dashboard.panels.map(({ gridPos: { x, y } }) => `${x}/${y}`);
    expect(new Set(places).size).to.equal(places.length);
    expect(dashboard.panels.filter(({ gridPos: { x, w } }) => x + w > 24)).to.deep.equal([]);
  });

  it('have the thresholds that the configuration has by default', () => {
    const { monitoring } = resolveConfig({});
    const bounds = Array.from(rules.matchAll(/[<>]=? ([\d.]+)$/gm), ([, bound]) => Number(bound));
    expect(bounds).to.include.members([
      monitoring.hitRateThreshold / 100,
      monitoring.minCalls,
      monitoring.responseTimeThresholdMs / 1_000,
      monitoring.memoryThreshold / 100,
      monitoring.invalidationRateThreshold,
    ]);
  });
});

describeWith('promtool', 'promtool', (promtool) => {
  function run(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(promtool, args, { encoding: 'utf8' });
    return status === 0 ? '' : stdout + stderr;
  }

  it('accepts the rules', () => {
    expect(run('check', 'rules', RULES)).to.equal('');
  });

  it('finds that they are raised by what they are about, and by nothing else', () => {
    expect(run('test', 'rules', join(__dirname, 'alert-rules.yml'))).to.equal('');
  });
});
