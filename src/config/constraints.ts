/**
 * The bounds that options set each other. Each one keeps a promise of the protocol. Single values are checked elsewhere.
 */
import type { ConfigProblem } from '../contract/errors';
import type { L2Times, ResolvedConfig } from './resolved';

/**
 * An ordinary pause of the event loop (a collection, a large JSON). A holder renews its lease every third of it,
 * and must not lose it to one such pause and one slow command.
 */
const ORDINARY_STALL_MS = 100;

interface Constraint {
  readonly path: string;
  /** The option that sets the bound. */
  readonly against: string;
  readonly ms: number;
  readonly relation: 'less than' | 'more than' | 'at least' | 'at most';
  readonly boundMs: number;
  readonly bound: string;
}

type Bounded = Pick<ResolvedConfig, 'load' | 'coherence' | 'monitoring'>;

/** Notes broken constraints, except those of options that have a problem of their own. */
export function checkConstraints(l2: L2Times, own: Bounded, problems: ConfigProblem[]): void {
  const faulty = new Set(problems.map(({ path }) => path));
  for (const { path, against, ms, relation, boundMs, bound } of constraints(l2, own)) {
    if (faulty.has(path) || faulty.has(against) || holds(ms, relation, boundMs)) continue;
    problems.push({ path, expected: `${relation} ${bound} (${boundMs} ms)`, got: `${ms} ms` });
  }
}

function holds(ms: number, relation: Constraint['relation'], boundMs: number): boolean {
  if (relation === 'less than') return ms < boundMs;
  if (relation === 'more than') return ms > boundMs;
  return relation === 'at least' ? ms >= boundMs : ms <= boundMs;
}

function constraints(l2: L2Times, { load, coherence, monitoring }: Bounded): readonly Constraint[] {
  return [
    {
      path: 'l2.deadline',
      against: 'coherence.stalenessBound',
      ms: l2.deadlineMs,
      relation: 'less than',
      boundMs: coherence.stalenessBoundMs,
      bound: 'coherence.stalenessBound',
    },
    {
      path: 'l2.socketTimeout',
      against: 'l2.deadline',
      ms: l2.socketTimeoutMs,
      relation: 'more than',
      boundMs: l2.deadlineMs,
      bound: 'l2.deadline',
    },
    {
      path: 'load.lease',
      against: 'l2.deadline',
      ms: load.leaseMs,
      relation: 'more than',
      boundMs: 3 * (l2.deadlineMs + ORDINARY_STALL_MS),
      bound: `three times l2.deadline and a pause of ${ORDINARY_STALL_MS} ms`,
    },
    {
      path: 'load.wait',
      against: 'load.max',
      ms: load.waitMs,
      relation: 'at most',
      boundMs: load.maxMs,
      bound: 'load.max',
    },
    {
      path: 'l2.invalidationBudget',
      against: 'coherence.stalenessBound',
      ms: l2.invalidationBudgetMs,
      relation: 'at least',
      boundMs: coherence.stalenessBoundMs,
      bound: 'coherence.stalenessBound',
    },
    {
      path: 'coherence.stalenessBound',
      against: 'coherence.heartbeat',
      ms: coherence.stalenessBoundMs,
      relation: 'at least',
      boundMs: 3 * coherence.heartbeatMs,
      bound: 'three times coherence.heartbeat',
    },
    {
      path: 'monitoring.alertWindow',
      against: 'monitoring.evaluateEvery',
      ms: monitoring.alertWindowMs,
      relation: 'at least',
      boundMs: monitoring.evaluateEveryMs,
      bound: 'monitoring.evaluateEvery',
    },
  ];
}
