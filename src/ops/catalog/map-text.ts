/**
 * A cache's map as text: a Mermaid diagram for documents, and tables for terminals. It lays out and decides nothing.
 */
import type { CacheMap, MapInvalidation } from '../../contract/declared';

/** Readers on the right of the templates, writers and invalidations on the left. */
export function mermaidOf({ templates, unreached }: CacheMap): string {
  const nodes = new Map<string, string>();
  const lines: string[] = [];
  const nodeOf = (text: string, open: string, close: string): string => {
    const known = nodes.get(open + text);
    if (known !== undefined) return known;
    const id = `n${nodes.size}`;
    nodes.set(open + text, id);
    lines.push(`  ${id}${open}"${escaped(text)}"${close}`);
    return id;
  };
  const method = (label: string) => nodeOf(label, '(', ')');
  const template = (text: string) => nodeOf(text, '[', ']');
  const causeOf = (cause: MapInvalidation) =>
    cause.method === null ? nodeOf(`event ${cause.event}`, '{{', '}}') : method(cause.method);
  for (const entry of templates) {
    const target = template(entry.template);
    for (const label of entry.writtenBy) lines.push(`  ${method(label)} -->|writes| ${target}`);
    for (const cause of entry.invalidatedBy) {
      lines.push(`  ${causeOf(cause)} -.->|"${escaped(cause.pattern)}"| ${target}`);
    }
    for (const label of entry.readBy) lines.push(`  ${target} -->|read by| ${method(label)}`);
  }
  for (const cause of unreached) {
    lines.push(`  ${causeOf(cause)} -.->|"${escaped(cause.pattern)}"| ${nodeOf('nothing', '((', '))')}`);
  }
  return ['flowchart LR', ...lines, ''].join('\n');
}

/** One line per use of a template. */
export function tableOf({ templates, unreached }: CacheMap): string {
  const rows = templates.flatMap((entry) => [
    ...entry.readBy.map((label) => [entry.template, 'read by', label]),
    ...entry.writtenBy.map((label) => [entry.template, 'written by', label]),
    ...entry.invalidatedBy.map((cause) => [entry.template, 'invalidated by', causeText(cause)]),
  ]);
  const lost = unreached.map((cause) => ['(nothing)', 'invalidated by', causeText(cause)]);
  return aligned([['template', '', 'by'], ...rows, ...lost]);
}

/** The keys in Redis, and how long they live. */
export function keyTableOf({ templates }: CacheMap): string {
  const rows = templates.map(({ redisKey, ttl, readBy, writtenBy }) => [
    redisKey,
    ttl === null ? '' : `${ttl.l1} s`,
    ttl === null ? '' : `${ttl.l2} s`,
    [...new Set([...readBy, ...writtenBy])].join(', '),
  ]);
  return aligned([['key', 'L1', 'L2', 'methods'], ...rows]);
}

/** Columns as wide as their longest cell; no blanks at the ends of lines. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

function causeText({ method, event, pattern }: MapInvalidation): string {
  const who = method ?? `event ${event}`;
  return method !== null && event !== null ? `${who} (event ${event}: ${pattern})` : `${who} (${pattern})`;
}

/** `<` and `"` would be read as HTML, or end the text. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '#amp;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')
    .replaceAll('"', '#quot;');
}
