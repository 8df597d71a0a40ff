/** What a run found out, as text within 100 columns. It prints and decides nothing. */
import type { Advice, Health, InvalidationStatistics, MethodStatistics, Statistics } from 'tiercel';
import type { Audit } from '../simulation/audit';
import type { CallTimes } from '../simulation/call-times';
import type { Findings } from '../simulation/verification';
import type { Writes } from '../simulation/writes';
import { WARM_UP } from '../warm-up';
import { type Target, targetsOf } from './targets';
import type { Style, Terminal } from './terminal';
import { type TextTable, textTable } from './text-table';

type HitStatistics = MethodStatistics['l1'];

export interface Run {
  readonly seconds: number;
  /** Whether the cache has an L2 at all, be it down. */
  readonly twoTiers: boolean;
  readonly statistics: Statistics;
  readonly health: Health;
  /** The one that matters most; `undefined` if there is no advice. */
  readonly advice: Advice | undefined;
  /** Of the last seconds. */
  readonly invalidations: InvalidationStatistics;
  readonly times: CallTimes;
  readonly writes: Writes;
  /** Statements that the database ran meanwhile. */
  readonly statements: number;
  readonly findings: Findings;
  readonly audit: Audit;
}

const NONE = '–';
const METHOD_TITLES = [
  'Method',
  'Calls',
  'L1 %',
  'L2 %',
  'Load',
  'Coalesced',
  'p50 ms',
  'p99 ms',
  'Queries saved',
];

const VERDICTS: Readonly<Record<Target['verdict'], { readonly mark: string; readonly style: Style }>> = {
  met: { mark: '✓ met', style: 'green' },
  missed: { mark: '✗ missed', style: 'red' },
  'not measured': { mark: '– not measured', style: 'dim' },
  part: { mark: '', style: 'dim' },
};

export function printReport(terminal: Terminal, run: Run): void {
  printMethods(terminal, run);
  printTargets(terminal, run);
  printHealth(terminal, run);
  printWrites(terminal, run.writes);
  printVerification(terminal, run);
  printVerdict(terminal, run);
}

function printMethods(
  terminal: Terminal,
  { statistics, times, twoTiers, statements, writes, seconds }: Run,
): void {
  const methods = Object.entries(statistics.methods).filter(
    ([name, { calls }]) => calls.total > 0 && name !== WARM_UP,
  );
  const rows = methods
    .toSorted(([, a], [, b]) => b.calls.total - a.calls.total)
    .map(([name, method]) => methodRow(name, method, times, twoTiers));
  const table = textTable(METHOD_TITLES, rows);
  terminal.heading(`Cached methods and strategies in ${seconds.toFixed(1)} s`);
  printTableHead(terminal, table);
  for (const row of table.rows) terminal.line(`  ${row}`);
  const total = methods.reduce((sum, [, { calls }]) => sum + calls.total, 0);
  const queries = statements - writes.total;
  terminal.line();
  terminal.line(
    terminal.styled(
      'dim',
      '  L1 %: of all calls. L2 %: of those that L1 could not answer. Times are the callers’.',
    ),
  );
  terminal.line(
    `  ${count(total)} reads took ${count(queries)} queries: ${terminal.styled('bold', `${count(total - queries)} saved`)}.`,
  );
}

function printTableHead(terminal: Terminal, { heading, rule }: TextTable): void {
  terminal.line(`  ${terminal.styled('dim', heading)}`);
  terminal.line(`  ${terminal.styled('dim', rule)}`);
}

function methodRow(
  name: string,
  { calls, l1, l2, loads }: MethodStatistics,
  times: CallTimes,
  twoTiers: boolean,
): string[] {
  return [
    name,
    count(calls.total),
    percent(l1),
    twoTiers ? percent(l2) : NONE,
    count(loads),
    count(calls.coalesced + calls.waited),
    times.percentile(name, 50).toFixed(3),
    times.percentile(name, 99).toFixed(2),
    // A load is one statement. The total below does not rely on that: it is the database's own count.
    count(calls.total - loads),
  ];
}

function printTargets(terminal: Terminal, { statistics, times }: Run): void {
  const targets = targetsOf(statistics, times);
  const table = textTable(
    ['Target', 'Wanted', 'Reached', 'p99'],
    targets.map(({ name, wanted, reached, p99 }) => [name, wanted, reached, p99]),
  );
  terminal.heading('Targets');
  printTableHead(terminal, table);
  for (const [index, row] of table.rows.entries()) {
    const { mark, style } = VERDICTS[targets[index]!.verdict];
    terminal.line(`  ${row}  ${terminal.styled(style, mark)}`.trimEnd());
  }
}

function printHealth(terminal: Terminal, { statistics, health, advice, invalidations }: Run): void {
  terminal.heading('What the cache says of itself');
  terminal.paragraph('Health', `${health.healthy ? '✓' : '✗'} ${health.message}`);
  terminal.paragraph(
    '',
    `Hits of all lookups, both tiers: ${statistics.overall.hitRate.toFixed(1)} %. A call that L2 answers is a miss and a hit.`,
  );
  terminal.paragraph('Advice', advice?.text ?? 'none');
  terminal.fact('Invalidations', `${count(Math.round(invalidations.perMinute))} per minute`);
}

/** The one verdict of the run: what was proven, and what was saved. */
function printVerdict(terminal: Terminal, { findings, audit, statistics }: Run): void {
  const wrong = findings.stale + findings.wrong + audit.different.length;
  const proven =
    wrong === 0
      ? terminal.styled('green', `✓ 0 stale of ${count(findings.checked + audit.compared)} values checked`)
      : terminal.styled(
          'red',
          `✗ ${count(wrong)} of ${count(findings.checked + audit.compared)} values checked were stale or wrong`,
        );
  const { served, answered, servedRate } = statistics;
  terminal.line();
  terminal.line(
    `  ${proven}. ${count(served)} of ${count(answered)} calls (${servedRate.toFixed(1)} %) ran no load.`,
  );
}

function printWrites(terminal: Terminal, { counts, total }: Writes): void {
  terminal.heading(`${count(total)} writes meanwhile`);
  terminal.line(
    `  ${counts.published} signals published, ${counts.closed} closed, ${counts.trades} trades executed, ` +
      `${counts.prices} prices, ${counts.ratings} ratings, ${counts.profiles} profiles updated`,
  );
}

function printVerification(terminal: Terminal, { findings, audit }: Run): void {
  const tone = (bad: number, text: string): string => terminal.styled(bad === 0 ? 'green' : 'red', text);
  terminal.heading('Verification');
  terminal.fact(
    'During writes',
    `${count(findings.checked)} values read: ${tone(findings.stale, `${findings.stale} stale`)}, ` +
      tone(findings.wrong, `${findings.wrong} not as the database answered`),
  );
  terminal.fact(
    'Afterwards',
    `${count(audit.compared)} entries compared with the database: ` +
      tone(audit.different.length, `${audit.different.length} different`),
  );
  for (const example of findings.examples) terminal.line(terminal.styled('red', `    ${example}`));
  for (const key of audit.different.slice(0, 5))
    terminal.line(terminal.styled('red', `    different: ${key}`));
}

function percent({ hits, misses, hitRate }: HitStatistics): string {
  return hits + misses === 0 ? NONE : hitRate.toFixed(1);
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
