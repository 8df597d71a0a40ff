/**
 * Reads the parts of a Markdown text that tests compare with the code: sections, tables, fenced code, links.
 * As much Markdown as this project's documents use, and no more.
 */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Snippet {
  readonly text: string;
  /** Of its first line of code, counted from 1. */
  readonly line: number;
}

const HEADING = /^(#{1,6}) (.+)$/;

/** The text below a heading, down to the next one of its level or above. @throws Error if there is no such heading */
export function section(markdown: string, title: string): string {
  const lines = markdown.split('\n');
  const fenced = fencedLines(lines);
  const levelAt = (index: number) => (fenced[index] ? undefined : HEADING.exec(lines[index]!)?.[1]?.length);
  const start = lines.findIndex((line, index) => !fenced[index] && HEADING.exec(line)?.[2] === title);
  if (start === -1) throw new Error(`no heading '${title}'`);
  const end = lines.findIndex((_, index) => index > start && (levelAt(index) ?? 7) <= levelAt(start)!);
  return lines.slice(start + 1, end === -1 ? undefined : end).join('\n');
}

/** The anchors of all headings, as GitHub makes them. */
export function anchors(markdown: string): string[] {
  const lines = markdown.split('\n');
  const fenced = fencedLines(lines);
  return lines
    .map((line, index) => (fenced[index] ? undefined : HEADING.exec(line)?.[2]))
    .filter((title) => title !== undefined)
    .map((title) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
}

export function tables(markdown: string): Table[] {
  const found: Table[] = [];
  let block: (readonly string[])[] = [];
  for (const line of [...markdown.split('\n'), '']) {
    if (line.startsWith('|')) {
      block.push(cells(line));
      continue;
    }
    const [header, , ...rows] = block;
    if (header !== undefined) found.push({ header, rows });
    block = [];
  }
  return found;
}

/** The only table of a section. @throws Error unless there is exactly one */
export function table(markdown: string, title: string): Table {
  const [only, ...others] = tables(section(markdown, title));
  if (only === undefined || others.length > 0) throw new Error(`'${title}' has not exactly one table`);
  return only;
}

/** The strings in backticks within a cell. */
export function codes(cell: string): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, text]) => text!);
}

/** Fenced blocks of one language. */
export function snippets(markdown: string, language: string): Snippet[] {
  const found: Snippet[] = [];
  for (const match of markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)) {
    if (match[1] !== language) continue;
    found.push({ text: match[2]!, line: markdown.slice(0, match.index).split('\n').length + 1 });
  }
  return found;
}

/** What inline links point to. */
export function links(markdown: string): string[] {
  return Array.from(markdown.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target!);
}

/** `\|` is a bar within a cell, also within code. */
function cells(line: string): string[] {
  return line
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function fencedLines(lines: readonly string[]): boolean[] {
  let open = false;
  return lines.map((line) => {
    const isFence = line.startsWith('```');
    if (isFence) open = !open;
    return open || isFence;
  });
}
