/**
 * How tests wait, and how they measure time. A busy machine gives a process little of its time: it makes a test slower,
 * and must not make it fail.
 */

// Captured at load: a test's fake timers must not stop its waiting.
const { setImmediate, setInterval, clearInterval, setTimeout } = globalThis;
const now = performance.now.bind(performance);

/** Ends what would never happen; nothing that is well takes as long, however busy the machine is. */
export const LIMIT_MS = 30_000;
/** Most of what a test waits for happens within some turns of the event loop. */
const EAGER_TURNS = 20;
const TICK_MS = 1;
const LONGEST_TICK_MS = 5;

/** Resolves once `condition` holds. It looks again after a turn of the event loop, later after a millisecond. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const start = now();
  for (let turn = 0; !(await condition()); turn += 1) {
    if (now() - start > LIMIT_MS) throw new Error(`not so within ${LIMIT_MS} ms: ${condition}`);
    await new Promise<void>((resolve) => {
      if (turn < EAGER_TURNS) setImmediate(resolve);
      else setTimeout(resolve, TICK_MS);
    });
  }
}

/** Lets a limit of the code under test pass on the real clock: for what must not happen then. */
export async function longerThan(ms: number): Promise<void> {
  const start = now();
  await until(() => now() - start > ms);
}

/**
 * A clock that counts the time in which this process could run: for a moment without a turn of the event loop, at most
 * 5 ms. On a quiet machine that is the time on the wall; on a busy one it leaves out the waiting for a processor.
 */
export class LoopClock {
  #ms = 0;
  #last = now();
  readonly #ticking = setInterval(() => this.now(), TICK_MS);

  now(): number {
    const at = now();
    this.#ms += Math.min(at - this.#last, LONGEST_TICK_MS);
    this.#last = at;
    return this.#ms;
  }

  stop(): void {
    clearInterval(this.#ticking);
  }
}

/** How long `run` takes: `ms` by a `LoopClock`, for upper bounds; `wallMs` on the wall, for lower ones. */
export async function timed<Result>(
  run: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly ms: number; readonly wallMs: number }> {
  const start = now();
  const clock = new LoopClock();
  try {
    const result = await run();
    return { result, ms: clock.now(), wallMs: now() - start };
  } finally {
    clock.stop();
  }
}
