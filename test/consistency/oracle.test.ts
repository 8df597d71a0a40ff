import { expect } from 'chai';
import fc from 'fast-check';
import { type ProcessHistory, ReadLog, type ReadRecord, type WriteRecord } from './history';
import { judge } from './oracle';

const KEY = 7;

const write = (version: number, doneAt: number, acknowledged = true): WriteRecord => ({
  key: KEY,
  version,
  doneAt,
  acknowledged,
});
const read = (version: number, startedAt: number, key = KEY): ReadRecord => ({ key, version, startedAt });

function history(writes: readonly WriteRecord[], reads: readonly ReadRecord[] = []): ProcessHistory {
  const log = new ReadLog();
  for (const { key, version, startedAt } of reads) log.add(key, version, startedAt);
  return { writes, reads: log.packed() };
}

describe('the oracle of the consistency checker', () => {
  it('finds a read stale that began after a newer version was acknowledged, and says for how long it was', () => {
    const { staleAges, reads } = judge([history([write(2, 100)]), history([], [read(1, 130)])]);
    expect(staleAges).to.deep.equal([30]);
    expect(reads).to.equal(1);
  });

  it('finds nothing in a read that began before the acknowledgement, or returned that version or a newer one', () => {
    const reads = [read(1, 99), read(1, 100), read(2, 130), read(3, 130), read(1, 130, KEY + 1)];
    expect(judge([history([write(2, 100)]), history([], reads)]).staleAges).to.deep.equal([]);
  });

  it('counts the age from the first of all newer versions that were acknowledged, whatever their order', () => {
    const writes = [history([write(3, 100)]), history([write(2, 120), write(4, 110)])];
    const reader = history([], [read(1, 150), read(2, 150), read(3, 150), read(4, 150)]);
    expect(judge([...writes, reader]).staleAges).to.deep.equal([40, 50, 50]);
  });

  it('holds an unacknowledged write against nobody but its own process', () => {
    const stale = [read(1, 130)];
    const { staleAges, ownStale } = judge([history([write(2, 100, false)], stale), history([], stale)]);
    expect(staleAges).to.deep.equal([]);
    expect(ownStale).to.equal(1);
  });

  it('counts a missed acknowledged write of the own process both ways', () => {
    const { staleAges, ownStale } = judge([history([write(2, 100)], [read(1, 130)])]);
    expect(staleAges).to.deep.equal([30]);
    expect(ownStale).to.equal(1);
  });

  it('agrees with the definition, read by read and write by write, on any histories', () => {
    const anyWrite = fc.record({
      key: fc.nat(2),
      version: fc.nat(9),
      doneAt: fc.nat(50),
      acknowledged: fc.boolean(),
    });
    const anyRead = fc.record({ key: fc.nat(2), version: fc.nat(9), startedAt: fc.nat(50) });
    const anyProcess = fc.record({ writes: fc.array(anyWrite), reads: fc.array(anyRead) });
    fc.assert(
      fc.property(fc.array(anyProcess, { maxLength: 3 }), (processes) => {
        const missed = (one: ReadRecord, writes: readonly WriteRecord[]): number[] =>
          writes
            .filter(
              ({ key, version, doneAt }) =>
                key === one.key && version > one.version && doneAt < one.startedAt,
            )
            .map(({ doneAt }) => one.startedAt - doneAt);
        const announced = processes
          .flatMap(({ writes }) => writes)
          .filter(({ acknowledged }) => acknowledged);
        const staleAges = processes
          .flatMap(({ reads }) => reads)
          .map((one) => Math.max(0, ...missed(one, announced)))
          .filter((age) => age > 0)
          .sort((a, b) => a - b);
        const ownStale = processes.flatMap(({ reads, writes }) =>
          reads.filter((one) => missed(one, writes).length > 0),
        ).length;
        const findings = judge(processes.map(({ writes, reads }) => history(writes, reads)));
        expect(findings.staleAges).to.deep.equal(staleAges);
        expect(findings.ownStale).to.equal(ownStale);
      }),
    );
  });
});
