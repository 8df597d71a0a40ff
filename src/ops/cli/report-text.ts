/** What a service reports, as text: for a terminal, and as Markdown for a ticket. It lays out and judges nothing. */
import type { InvalidationPreview } from '../../contract/invalidation-history';
import type { Health, Report } from '../../contract/report';
import type { MethodWindow, MissCounts } from '../../contract/statistics';
import { aligned } from '../catalog/map-text';

const METHODS = 20;

export function healthText({ state, message, alerts, hitRate, seconds, calls }: Health): string {
  const lines = alerts.map(({ severity, message: text, clearing }) => [
    `  ${severity}`,
    clearing ? `${text} (clearing)` : text,
  ]);
  const figures = `${hitRate} % of ${calls} calls in the last ${Math.round(seconds)} s ran no load.`;
  return `${state.toUpperCase()}: ${message}\n${lines.length === 0 ? '' : aligned(lines)}${figures}\n`;
}

export function topText(report: Report): string {
  const { cache, health, windows, redis, coherence } = report;
  const { lastMinute } = windows;
  const l1 = coherence.trusted ? 'L1 used' : 'L1 not trusted';
  const head = `${cache}  ${health.state}  Redis ${redis.state}  ${l1}  outbox ${redis.outbox}`;
  const figures = `${lastMinute.servedRate} % of ${lastMinute.answered} calls ran no load (last ${Math.round(lastMinute.seconds)} s)`;
  return `${head}\n${health.message}\n${figures}\n\n${aligned(methodRows(report))}`;
}

export function markdownOf(report: Report): string {
  const { cache, at, uptimeSeconds, health, memory, invalidations, advice, redis } = report;
  const [heading, ...rows] = methodRows(report);
  const cells = (row: readonly string[]): string =>
    `| ${row.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  const table = [heading!, heading!.map(() => '---'), ...rows].map(cells).join('\n');
  return `# Cache ${cache}, ${new Date(at).toISOString()}

**${health.state}**: ${health.message}

- Up for ${Math.round(uptimeSeconds)} s; Redis ${redis.state}${redis.reason === null ? '' : ` (${redis.reason})`}; outbox ${redis.outbox}.
- L1: ${memory.l1.entries} of ${memory.l1.maxEntries} entries. Heap: ${megabytes(memory.heap.bytes)}.
- Invalidations: ${invalidations.perMinute} per minute.
${health.alerts.map(({ severity, message }) => `- ${severity}: ${message}\n`).join('')}
## Methods, last minute

${table}

## Advice

${advice.length === 0 ? 'None.' : advice.map(({ text }) => `- ${text}`).join('\n')}
`;
}

export function previewText({ templates, entries, expectedLoads, unreached }: InvalidationPreview): string {
  const rows = templates.map(({ template, readBy, entries: own, expectedLoads: loads }) => [
    `  ${template}`,
    `${own ?? 'unknown'} entries`,
    `at most ${loads} loads`,
    readBy.join(', '),
  ]);
  const slips = unreached.map(({ name, nearest }) =>
    nearest === null
      ? `Nothing can give '${name}'.\n`
      : `Nothing can give '${name}'. Did you mean '${nearest}'?\n`,
  );
  return `Would reach ${entries ?? 'an unknown number of'} entries in L1 of that process, and cost at most ${expectedLoads} loads within a minute.\n${rows.length === 0 ? '' : aligned(rows)}${slips.join('')}`;
}

/** The heading, then the methods that cost the database most. */
function methodRows({ windows }: Report): string[][] {
  const methods = Object.entries(windows.lastMinute.methods)
    .sort(([, a], [, b]) => b.loadMs - a.loadMs)
    .slice(0, METHODS);
  return [
    ['method', 'calls', 'no load', 'loads', 'load ms', 'mostly because'],
    ...methods.map(([label, method]) => [
      label,
      String(method.answered),
      `${method.servedRate} %`,
      String(method.loads),
      String(Math.round(method.loadMs)),
      mainReason(method),
    ]),
  ];
}

function mainReason({ misses }: MethodWindow): string {
  const [most] = (Object.entries(misses) as [keyof MissCounts, number][]).sort(([, a], [, b]) => b - a);
  return most === undefined || most[1] === 0 ? '' : `${most[0]} (${most[1]})`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}
