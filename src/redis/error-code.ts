/**
 * The code of an error reply: its first word. Redis before 7 wraps the error of a command inside a script:
 * `ERR Error running script (call to f_...): @user_script:3: @user_script: 3: -READONLY You can't write ...`.
 */
export function errorCode({ message }: Error): string {
  const found = /^ERR Error running script .*@user_script: ?\d+: -?([A-Z]+)\b/s.exec(message);
  return found?.[1] ?? /^[A-Z]+/.exec(message)?.[0] ?? '';
}

const PASSING = new Set([
  'LOADING',
  'READONLY',
  'CLUSTERDOWN',
  'MASTERDOWN',
  'BUSY',
  'TRYAGAIN',
  'MOVED',
  'ASK',
]);

/** Whether an error reply says that the server cannot serve now, rather than that it refuses this command. */
export function isPassing(error: Error): boolean {
  return PASSING.has(errorCode(error));
}
