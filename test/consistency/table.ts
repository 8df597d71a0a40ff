/** A trial as one line of text. */
import { ppm } from './limits';
import type { TrialResult } from './trial';

const COLUMNS = [
  ['fault', -18],
  ['blows', 6],
  ['reads', 9],
  ['loads', 8],
  ['writes', 7],
  ['stale', 7],
  ['ppm', 8],
  ['p50 ms', 8],
  ['p99 ms', 8],
  ['max ms', 8],
  ['own', 5],
  ['stuck', 6],
  ['slowest', 8],
  ['unack', 6],
  ['failed', 7],
  ['unhandled', 10],
] as const;

export const HEADING = line(COLUMNS.map(([title]) => title));

export function rowOf(name: string, result: TrialResult): string {
  const { findings, loads, writes, stuck, slowestRead, unacknowledged, failures, rejections, blows } = result;
  const { staleAges, ownStale, reads } = findings;
  const ages = [0.5, 0.99, 1].map((share) => age(staleAges, share));
  const stale = [staleAges.length, ppm(result).toFixed(0), ...ages, ownStale];
  const faults = [unacknowledged, failures.length, rejections.length];
  return line([name, blows, reads, loads, writes, ...stale, stuck, slowestRead.toFixed(0), ...faults]);
}

function age(sorted: readonly number[], share: number): string {
  const value = sorted[Math.ceil(sorted.length * share) - 1];
  return value === undefined ? '-' : value.toFixed(1);
}

function line(cells: readonly (string | number)[]): string {
  return cells
    .map((cell, column) => {
      const width = COLUMNS[column]![1];
      return width < 0 ? `${cell}`.padEnd(-width) : `${cell}`.padStart(width);
    })
    .join('');
}
