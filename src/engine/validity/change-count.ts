/**
 * Counts the changes of what snapshots are compared with: the known generations and the pattern set. What was compared at
 * one count needs no second look until the next, so that an L1 hit compares one number (P33).
 */
export class ChangeCount {
  /** Exact up to 2^53, which no process reaches. */
  value = 0;

  raise(): void {
    this.value += 1;
  }
}
