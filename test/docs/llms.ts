/**
 * llms.txt: the manual's contents for programs that read text, made of docs/README.md and the summary that opens each page.
 * `npm run llms` writes it; `llms.test.ts` fails if it is not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { links, tables } from './markdown';

const ROOT = join(__dirname, '..', '..');
export const LLMS_FILE = join(ROOT, 'llms.txt');

export function llmsText(): string {
  const [title = '', , pitch = ''] = textOf('README.md').split('\n');
  const sections = tables(textOf('docs/README.md')).map(({ header, rows }) => {
    const lines = rows.flatMap(([cell = '']) => links(cell)).map(lineOf);
    return [`## ${header[0]}`, '', ...lines, ''].join('\n');
  });
  return `${[title, '', `> ${pitch}`, '', ...sections].join('\n').trimEnd()}\n`;
}

function lineOf(page: string): string {
  const text = textOf(`docs/${page}`);
  const [, title = ''] = /^# (.+)\n/.exec(text) ?? [];
  const [, quoted = ''] = /^# .+\n\n((?:> .+\n)+)/.exec(text) ?? [];
  return `- [${title}](docs/${page}): ${plain(quoted)}`;
}

/** A quoted paragraph as one line without links, since those are relative to their page. */
function plain(quoted: string): string {
  return quoted
    .replace(/^> /gm, '')
    .trim()
    .replaceAll('\n', ' ')
    .replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
}

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

if (require.main === module) writeFileSync(LLMS_FILE, llmsText());
