import { expect } from 'chai';
import type { InvalidationFact } from '../../../src/contract/invalidation-history';
import { parseTemplate } from '../../../src/keys/template';
import { InvalidationLog } from '../../../src/ops/observe/invalidation-log';
import type { CachedTemplate } from '../../../src/ops/observe/reach';
import { ManualClock } from '../../support/manual-clock';

const FACT: InvalidationFact = {
  label: 'invalidate',
  event: undefined,
  reason: undefined,
  replaced: [],
  removed: [],
  sent: 1,
  entries: 1,
  acknowledged: true,
};

const key = (text: string) => ({ text, kind: 'key' as const });

describe('the record of invalidations', () => {
  let clock: ManualClock;
  let cached: CachedTemplate[];

  beforeEach(() => {
    clock = new ManualClock();
    cached = [];
  });

  function log(
    limit = 10,
    templateOf: (text: string) => string | undefined = (text) => text,
  ): InvalidationLog {
    return new InvalidationLog(clock, limit, { templateOf, cached: () => cached, storing: () => new Set() });
  }

  it('keeps the newest, oldest first, in a ring of the given size', () => {
    const records = log(3);
    for (const text of ['a', 'b', 'c', 'd', 'e']) records.record({ ...FACT, removed: [key(text)] });
    expect(records.history().map(({ patterns }) => patterns)).to.deep.equal([['c'], ['d'], ['e']]);
  });

  it('keeps the first 100 names of a call that invalidates thousands, and counts all: memory is bounded', () => {
    const records = log();
    const removed = Array.from({ length: 10_000 }, (_, i) => key(`user:${i}`));
    records.record({ ...FACT, removed, sent: removed.length });
    const [record] = records.history();
    expect(record).to.include({ sent: 10_000 });
    expect(record?.patterns).to.have.length(100);
  });

  it('keeps nothing with a size of 0', () => {
    const records = log(0);
    records.record({ ...FACT, removed: [key('a')] });
    expect(records.history()).to.deep.equal([]);
    expect(records.stats()).to.include({ total: 0, complete: true });
  });

  it('shows a string as the template that declares it, and hides one that nothing declares', () => {
    const records = log(10, (text) => (text === 'user:42' ? 'user:<id>' : undefined));
    records.record({
      ...FACT,
      replaced: ['user:42'],
      removed: [
        { text: 'feed:42:*', kind: 'pattern', template: 'feed:<userId>:*' },
        key('user:42'),
        key('secret:7'),
      ],
    });
    const [record] = records.history();
    expect(record!.patterns).to.deep.equal(['user:42', 'feed:42:*', 'secret:7']);
    expect(record!.templates).to.deep.equal(['user:<id>', 'feed:<userId>:*', '<undeclared>']);
  });

  it('names the strategy: a put writes through, a wildcard is a pattern, keys alone are invalidated', () => {
    const records = log();
    records.record({ ...FACT, removed: [key('a')] });
    records.record({ ...FACT, removed: [key('a'), { text: 'b:*', kind: 'pattern' }] });
    records.record({ ...FACT, removed: [{ text: 'b:*', kind: 'pattern' }], replaced: ['a'] });
    expect(records.history().map(({ strategy }) => strategy)).to.deep.equal([
      'write-invalidate',
      'pattern',
      'write-through',
    ]);
    expect(records.stats().byStrategy).to.deep.equal({
      'write-invalidate': 1,
      'write-through': 1,
      pattern: 1,
    });
  });

  it('keeps tags apart from patterns: what a tag concerns is a group, like a pattern', () => {
    const records = log();
    records.record({ ...FACT, removed: [key('a'), { text: 'user:42', kind: 'tag' }] });
    expect(records.history()[0]).to.deep.include({
      strategy: 'pattern',
      patterns: ['a'],
      templates: ['a'],
      tags: ['user:42'],
    });
  });

  it('counts what lies within the window, per minute and by template', () => {
    const records = log();
    records.record({ ...FACT, removed: [key('old')] });
    clock.advance(30_000);
    records.record({ ...FACT, removed: [key('a'), key('b')] });
    records.record({ ...FACT, removed: [key('a')] });
    expect(records.stats(30_000)).to.deep.equal({
      total: 2,
      perMinute: 4,
      byStrategy: { 'write-invalidate': 2, 'write-through': 0, pattern: 0 },
      byPattern: { a: 2, b: 1 },
      byTemplate: {},
      seconds: 30,
      complete: true,
    });
    expect(records.stats().total).to.equal(3);
  });

  it('gives the rate of a young process over its age: over the whole window it would show half', () => {
    const records = log();
    clock.advance(30_000);
    for (const text of ['a', 'b', 'c']) records.record({ ...FACT, removed: [key(text)] });
    expect(records.stats(60_000)).to.include({ total: 3, perMinute: 6, seconds: 30, complete: true });
    clock.advance(30_000);
    expect(records.stats(60_000), 'control: old enough').to.include({ perMinute: 3, seconds: 60 });
  });

  it('gives the rate over the time that the ring still covers: what was dropped is no reason for a lower one', () => {
    const records = log(100);
    for (let second = 0; second < 60; second += 1) {
      clock.advance(1_000);
      for (let each = 0; each < 50; each += 1) records.record({ ...FACT, removed: [key('a')] });
    }
    const { perMinute, seconds, complete, total } = records.stats(60_000);
    expect({ seconds, complete, total }).to.deep.equal({ seconds: 2, complete: false, total: 100 });
    expect(perMinute).to.equal(3_000);
  });

  describe('counts where invalidations arrive', () => {
    const reader = (label: string, template: string, tags: string[] = []): CachedTemplate => ({
      label,
      template: parseTemplate(template),
      tags,
    });
    const pattern = (text: string, template = text) => ({ text, kind: 'pattern' as const, template });

    beforeEach(() => {
      cached = [
        reader('Portfolio.summary', 'portfolio:<userId>', ['author:<id>']),
        reader('Feed.page', 'feed:<userId>:<page>'),
      ];
    });

    it('by the template that a pattern reaches and by its invalidator, the most frequent first', () => {
      const records = log();
      records.record({ ...FACT, label: 'Trade.execute', event: 'trade', removed: [pattern('portfolio:*')] });
      for (const id of ['1', '2']) {
        const removed = [pattern(`feed:${id}:*`, 'feed:<userId>:*'), pattern('portfolio:*')];
        records.record({ ...FACT, label: 'Signal.publish', removed });
      }
      clock.advance(60_000 - 1);
      expect(records.stats().byTemplate).to.deep.equal({
        'portfolio:<userId>': {
          readBy: ['Portfolio.summary'],
          total: 3,
          perMinute: 3,
          by: [
            { invalidator: 'Signal.publish', pattern: 'portfolio:*', total: 2 },
            { invalidator: 'trade', pattern: 'portfolio:*', total: 1 },
          ],
        },
        'feed:<userId>:<page>': {
          readBy: ['Feed.page'],
          total: 2,
          perMinute: 2,
          by: [{ invalidator: 'Signal.publish', pattern: 'feed:<userId>:*', total: 2 }],
        },
      });
    });

    it('by a tag, a key and the clearing of everything; a put and a foreign name reach nothing', () => {
      const records = log(10, (text) => (text.startsWith('portfolio:') ? 'portfolio:<userId>' : undefined));
      records.record({ ...FACT, removed: [{ text: 'author:7', kind: 'tag', template: 'author:<id>' }] });
      records.record({ ...FACT, label: 'delete', removed: [key('portfolio:42')] });
      records.record({ ...FACT, label: 'clear', removed: [pattern('*')] });
      records.record({ ...FACT, replaced: ['portfolio:42'], removed: [key('other:1')] });
      const { byTemplate } = records.stats();
      expect(
        byTemplate['portfolio:<userId>']!.by.map(({ invalidator, pattern }) => [invalidator, pattern]),
      ).to.deep.equal([
        ['invalidate', 'author:<id>'],
        ['delete', 'portfolio:<userId>'],
        ['clear', '*'],
      ]);
      expect(byTemplate['feed:<userId>:<page>']!.total).to.equal(1);
    });
  });

  it('says that figures are too low if records of the window had to make room, and not if older ones had', () => {
    const records = log(2);
    for (const text of ['a', 'b', 'c']) records.record({ ...FACT, removed: [key(text)] });
    expect(records.stats(1_000)).to.include({ total: 2, complete: false });
    clock.advance(1_000);
    expect(records.stats(1_000)).to.include({ total: 0, complete: true });
  });
});
