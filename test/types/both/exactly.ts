/** Compares types for identity, which assignability does not. */
export type Exactly<Actual, Expected> =
  (<T>() => T extends Actual ? 1 : 2) extends <T>() => T extends Expected ? 1 : 2 ? true : false;

/** Compiles only for `true`. */
export declare function exactly<Holds extends true>(): Holds;
