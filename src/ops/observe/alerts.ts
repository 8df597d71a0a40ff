/**
 * Which alerts are raised. It turns readings into changes of state, and does not flap: a bad reading raises an alert, and
 * good ones, better than the threshold by a margin, clear it at the second evaluation in a row.
 */
import type { Alert, AlertType } from '../../contract/report';

/** What one evaluation saw of one subject. */
export interface Reading {
  readonly type: AlertType;
  readonly subject: string;
  readonly value: number;
  readonly threshold: number;
  /** `unclear`: between the threshold and its margin, or too little to judge by; nothing changes then. */
  readonly verdict: 'bad' | 'unclear' | 'good';
  /** What is wrong if the verdict is `bad`; not used otherwise. */
  readonly message: string;
  /** Bad evaluations in a row that raise it. Default 1. */
  readonly raisedBy?: number;
}

interface Standing {
  /** Undefined while it is not raised. */
  alert: Alert | undefined;
  /** What the last bad reading said. */
  said: string;
  badInARow: number;
  goodInARow: number;
}

const CLEARED_BY = 2;

/** Causes before their symptoms: a Redis that is down explains a low hit rate. */
const BY_CAUSE: readonly AlertType[] = [
  'l2-down',
  'coherence-lost',
  'response-time',
  'hit-rate',
  'memory',
  'invalidation-rate',
];

/** A cache that is full or often invalidated still does its work. */
const WARNINGS: ReadonlySet<AlertType> = new Set(['memory', 'invalidation-rate']);

export class Alerts {
  readonly #standings = new Map<string, Standing>();

  /** Causes first; of one type in the order in which they were raised. */
  get raised(): readonly Alert[] {
    const alerts = Array.from(this.#standings.values(), ({ alert }) => alert);
    return alerts
      .filter((alert) => alert !== undefined)
      .sort((a, b) => BY_CAUSE.indexOf(a.type) - BY_CAUSE.indexOf(b.type) || a.at - b.at);
  }

  /**
   * @param at milliseconds since the epoch
   * @returns what was raised or cleared by this evaluation
   */
  evaluate(readings: readonly Reading[], at: number): Alert[] {
    const changes = readings
      .map((reading) => this.judge(reading, at))
      .filter((change) => change !== undefined);
    // A method that nobody calls any more, a limit that was lifted: there is nothing left to warn of.
    const read = new Set(readings.map(idOf));
    for (const [id, { alert, said }] of this.#standings) {
      if (read.has(id)) continue;
      this.#standings.delete(id);
      if (alert !== undefined) changes.push(cleared(alert, said, at));
    }
    return changes;
  }

  /** One reading by itself; returns what it raised or cleared. */
  judge(reading: Reading, at: number): Alert | undefined {
    const { type, subject, value, threshold, message, verdict, raisedBy = 1 } = reading;
    const id = idOf(reading);
    const standing = this.#standings.get(id) ?? { alert: undefined, said: '', badInARow: 0, goodInARow: 0 };
    this.#standings.set(id, standing);
    standing.badInARow = verdict === 'bad' ? standing.badInARow + 1 : 0;
    standing.goodInARow = verdict === 'good' ? standing.goodInARow + 1 : 0;
    if (verdict === 'bad') standing.said = message;
    const before = standing.alert;
    if (before === undefined) {
      if (standing.badInARow < raisedBy) return undefined;
      const severity = WARNINGS.has(type) ? 'warning' : 'critical';
      standing.alert = {
        type,
        subject,
        state: 'raised',
        severity,
        clearing: false,
        value,
        threshold,
        message,
        at,
      };
      return standing.alert;
    }
    if (standing.goodInARow >= CLEARED_BY) {
      standing.alert = undefined;
      return cleared({ ...before, value }, standing.said, at);
    }
    standing.alert =
      verdict === 'bad'
        ? { ...before, clearing: false, value, message }
        : { ...before, clearing: true, message: `Clearing, was: ${standing.said}` };
    return undefined;
  }
}

function idOf({ type, subject }: Reading): string {
  return `${type} ${subject}`;
}

function cleared(alert: Alert, said: string, at: number): Alert {
  return { ...alert, state: 'cleared', clearing: false, message: `Cleared, was: ${said}`, at };
}
