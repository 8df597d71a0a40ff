/**
 * Which alerts are raised. It turns readings into changes of state, and refuses to flap: an alert is raised when its
 * reading is bad, and cleared when its reading was good, by a margin, at two evaluations in a row.
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
  readonly message: string;
  /** Bad evaluations in a row that raise it. Default 1. */
  readonly raisedBy?: number;
}

interface Standing {
  /** Undefined while it is not raised. */
  alert: Alert | undefined;
  badInARow: number;
  goodInARow: number;
}

const CLEARED_BY = 2;
const GONE = 'There is nothing left to judge';

export class Alerts {
  readonly #standings = new Map<string, Standing>();

  /** In the order in which they were raised. */
  get raised(): readonly Alert[] {
    const alerts = Array.from(this.#standings.values(), ({ alert }) => alert);
    return alerts.filter((alert) => alert !== undefined).sort((a, b) => a.at - b.at);
  }

  /**
   * @param at milliseconds since the epoch
   * @returns what was raised or cleared by this evaluation
   */
  evaluate(readings: readonly Reading[], at: number): Alert[] {
    const changes: Alert[] = [];
    const read = new Set<string>();
    for (const reading of readings) {
      const id = `${reading.type} ${reading.subject}`;
      read.add(id);
      const change = this.#judge(id, reading, at);
      if (change !== undefined) changes.push(change);
    }
    // A method that nobody calls any more, a limit that was lifted: there is nothing left to warn of.
    for (const [id, { alert }] of this.#standings) {
      if (read.has(id)) continue;
      this.#standings.delete(id);
      if (alert !== undefined) changes.push({ ...alert, state: 'cleared', message: GONE, at });
    }
    return changes;
  }

  #judge(id: string, reading: Reading, at: number): Alert | undefined {
    const { type, subject, value, threshold, message, verdict, raisedBy = 1 } = reading;
    const standing = this.#standings.get(id) ?? { alert: undefined, badInARow: 0, goodInARow: 0 };
    this.#standings.set(id, standing);
    standing.badInARow = verdict === 'bad' ? standing.badInARow + 1 : 0;
    standing.goodInARow = verdict === 'good' ? standing.goodInARow + 1 : 0;
    const before = standing.alert;
    if (before === undefined) {
      if (standing.badInARow < raisedBy) return undefined;
      standing.alert = { type, subject, state: 'raised', value, threshold, message, at };
      return standing.alert;
    }
    if (standing.goodInARow < CLEARED_BY) {
      standing.alert = { ...before, value, message };
      return undefined;
    }
    standing.alert = undefined;
    return { type, subject, state: 'cleared', value, threshold, message, at };
  }
}
