/** Aligned columns of plain text. The first column and those that say so are to the left, the others, numbers, to the right. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

export interface TextTable {
  readonly heading: string;
  /** As wide as the widest line. */
  readonly rule: string;
  readonly rows: readonly string[];
}

const GAP = '  ';

export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): TextTable {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((cells) => cells[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? '';
        const width = widths[index] ?? 0;
        return index === 0 || align === 'left' ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(GAP)
      .trimEnd();
  const width = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1);
  return {
    heading: line(columns.map(({ title }) => title)),
    rule: '─'.repeat(width),
    rows: rows.map(line),
  };
}
