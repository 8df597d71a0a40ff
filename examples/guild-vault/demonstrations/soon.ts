/** Waiting for what has to come, and not for ever. */
const PATIENCE_MS = 10_000;

/** @throws Error that names what did not come */
export async function soon<V>(what: string, coming: Promise<V>): Promise<V> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${PATIENCE_MS} ms: ${what}.`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([coming, late]);
  } finally {
    clearTimeout(timer);
  }
}
