/** What the demonstrations print: facts, tables, and promises, of which it counts those that were broken. */
import type { Terminal } from '../signals/report/terminal';
import { textTable } from '../signals/report/text-table';

export class Presentation {
  broken = 0;

  constructor(private readonly terminal: Terminal) {}

  heading(text: string): void {
    this.terminal.heading(text);
  }

  fact(name: string, text: string): void {
    this.terminal.fact(name, text);
  }

  line(text = ''): void {
    this.terminal.line(text === '' ? '' : `  ${text}`);
  }

  /** @param notes stand below their rows */
  table(
    titles: readonly string[],
    rows: readonly (readonly string[])[],
    notes: readonly string[] = [],
  ): void {
    const { heading, rule, rows: lines } = textTable(titles, rows);
    for (const line of [heading, rule]) this.line(this.terminal.styled('dim', line));
    for (const [index, line] of lines.entries()) {
      this.line(line.trimEnd());
      const note = notes[index];
      if (note !== undefined) this.line(this.terminal.styled('dim', `  ${note}`));
    }
    this.line();
  }

  /** A broken one makes the run fail. */
  promise(text: string, holds: boolean): void {
    if (!holds) this.broken += 1;
    const mark = holds ? this.terminal.styled('green', '✓') : this.terminal.styled('red', '✗');
    this.line(`${mark} ${text}`);
  }
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
