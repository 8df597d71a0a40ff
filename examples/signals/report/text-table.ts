/** Aligned columns of plain text: the first, of names, to the left, the others, of figures, to the right. */
export interface TextTable {
  readonly heading: string;
  /** As wide as the table. */
  readonly rule: string;
  readonly rows: readonly string[];
}

const GAP = '  ';

export function textTable(titles: readonly string[], rows: readonly (readonly string[])[]): TextTable {
  const widths = titles.map((title, index) =>
    Math.max(title.length, ...rows.map((cells) => cells[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, index) => (index === 0 ? cells[index]?.padEnd(width) : cells[index]?.padStart(width)))
      .join(GAP);
  const heading = line(titles);
  return { heading, rule: '─'.repeat(heading.length), rows: rows.map(line) };
}
