/** `explain`: what a code means, from the manual; or what stands at a key of a running service. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearestName } from '../../config/nearest-name';
import type { Explanation } from '../../contract/explanation';
import { aligned } from '../catalog/map-text';
import { type Command, CommandError, done, JSON_HELP, JSON_OPTION, jsonText } from './command';
import { SERVICE_HELP, SERVICE_OPTIONS, Service } from './service';

/** Packed with the code: what it says of a code is written once. */
const DOCS = join(__dirname, '..', '..', '..', 'docs');
const PAGES = ['events-and-errors.md', 'http.md'];

export const explain: Command = {
  name: 'explain',
  group: 'A running service',
  synopsis: 'explain <key | TIERCEL_CODE>',
  summary: 'What stands at one key and what a read would do; or what a code means.',
  options: { ...SERVICE_OPTIONS, ...JSON_OPTION },
  help: [...SERVICE_HELP, JSON_HELP],
  async run([subject, ...surplus], values, terminal) {
    if (subject === undefined || surplus.length > 0) throw new CommandError('It takes one key, or one code.');
    if (subject.startsWith('TIERCEL_')) return done(codeText(subject));
    const answer = await new Service(values, terminal).ask<Explanation>('/explain', {
      query: { key: subject },
    });
    return done(values['json'] === true ? jsonText(answer) : keyText(answer));
  },
};

/** @throws CommandError if the manual has no such code */
function codeText(code: string): string {
  const rows = PAGES.flatMap((page) => readFileSync(join(DOCS, page), 'utf8').split('\n'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, name = '']) => /^`TIERCEL_\w+`$/.test(name));
  const found = rows.find(([, name]) => name === `\`${code}\``);
  if (found !== undefined)
    return `${code}\n${found
      .slice(2)
      .filter(Boolean)
      .map((text) => `  ${plain(text)}\n`)
      .join('')}`;
  const near = nearestName(
    code,
    rows.map(([, name = '']) => name.slice(1, -1)),
  );
  throw new CommandError(`No such code: ${code}.${near === undefined ? '' : ` Did you mean ${near}?`}`);
}

function plain(text: string): string {
  return text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
}

function keyText({
  redisKey,
  template,
  readBy,
  writtenBy,
  l1,
  l2,
  groups,
  lastInvalidation,
  read,
}: Explanation): string {
  const age = ({ ageSeconds, leftSeconds }: Pick<Explanation['l1'], 'ageSeconds' | 'leftSeconds'>): string =>
    [ageSeconds === null ? '' : `${ageSeconds} s old`, leftSeconds === null ? '' : `${leftSeconds} s left`]
      .filter(Boolean)
      .join(', ');
  const invalidated =
    lastInvalidation &&
    `${new Date(lastInvalidation.at).toISOString()} by ${lastInvalidation.event ?? lastInvalidation.label}`;
  return aligned([
    ['key', redisKey],
    ['template', template ?? 'none'],
    ['read by', readBy.join(', ') || 'nobody'],
    ['written by', writtenBy.join(', ') || 'nobody'],
    [
      'L1',
      [l1.holds, l1.unusable === null ? '' : `not usable: ${l1.unusable}`, age(l1)]
        .filter(Boolean)
        .join(', '),
    ],
    ['L2', [l2.holds, l2.bytes === null ? '' : `${l2.bytes} bytes`, age(l2)].filter(Boolean).join(', ')],
    ...groups.map(({ kind, name, state }) => [`group`, `${kind} ${name} ${state}`.replace('  ', ' ')]),
    ['invalidated', invalidated ?? 'not in the record'],
    [
      'a read',
      `${read.answer}, ${read.reason}${read.answer === 'load' && !read.stored ? ', not stored' : ''}`,
    ],
  ]);
}
