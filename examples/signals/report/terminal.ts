/**
 * Writing for people: headings, colours and one progress line that replaces itself on a terminal; elsewhere plain
 * lines, so that a log stays readable.
 */
import type { WriteStream } from 'node:tty';

const CODES = { bold: [1, 22], dim: [2, 22], green: [32, 39], red: [31, 39], cyan: [36, 39] } as const;
export type Style = keyof typeof CODES;

const FACT_NAME_WIDTH = 14;
/** At most so long, and up to the end of a word. */
const LINES = /.{1,84}(?:\s|$)/g;
const BAR_WIDTH = 24;
const PLAIN_INTERVAL_MS = 2_000;
const CLEAR_LINE = '\r\x1b[2K';

export class Terminal {
  readonly #out: WriteStream;
  readonly #rich: boolean;
  readonly #coloured: boolean;
  #progressShown = false;
  #lastPlainAt = Number.NEGATIVE_INFINITY;

  constructor(out: WriteStream = process.stdout, environment: NodeJS.ProcessEnv = process.env) {
    this.#out = out;
    this.#rich = out.isTTY === true;
    this.#coloured = this.#rich && (environment['NO_COLOR'] ?? '') === '';
  }

  styled(style: Style, text: string): string {
    if (!this.#coloured) return text;
    const [on, off] = CODES[style];
    return `\x1b[${on}m${text}\x1b[${off}m`;
  }

  line(text = ''): void {
    this.endProgress();
    this.#out.write(`${text}\n`);
  }

  heading(text: string): void {
    this.line();
    this.line(this.styled('bold', text));
    this.#lastPlainAt = performance.now();
  }

  fact(name: string, text: string): void {
    this.line(`  ${this.styled('dim', name.padEnd(FACT_NAME_WIDTH))}${text}`);
  }

  /** A fact that may take several lines; plain text. */
  paragraph(name: string, text: string): void {
    const [first = '', ...others] = text.match(LINES) ?? [];
    this.fact(name, first.trimEnd());
    for (const line of others) this.line(`  ${' '.repeat(FACT_NAME_WIDTH)}${line.trimEnd()}`);
  }

  /** A line that the next one replaces; without a terminal, one every two seconds. */
  progress(text: string): void {
    if (this.#rich) {
      this.#out.write(`${CLEAR_LINE}  ${text}`);
      this.#progressShown = true;
      return;
    }
    const now = performance.now();
    if (now - this.#lastPlainAt < PLAIN_INTERVAL_MS) return;
    this.#lastPlainAt = now;
    this.#out.write(`  ${text}\n`);
  }

  /** As `progress`, with a bar on a terminal. */
  progressOf(done: number, total: number, text: string): void {
    const filled = Math.round((BAR_WIDTH * done) / Math.max(1, total));
    const bar = this.#rich ? `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ` : '';
    this.progress(`${bar}${text}`);
  }

  endProgress(): void {
    if (this.#progressShown) this.#out.write(CLEAR_LINE);
    this.#progressShown = false;
  }
}
