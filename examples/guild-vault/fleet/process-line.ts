/**
 * Calls between a process and its child, both ways: each end offers an object, whose methods the other calls. Arguments and
 * results travel as JSON. When the other end is gone, calls that are open reject.
 */

/** The methods of an object, called from another process. */
export type Remote<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => Promise<unknown> ? K : never]: T[K];
};

/** What `process` and a `ChildProcess` have in common. */
interface Peer {
  send?(message: unknown): boolean;
  on(event: 'message', listener: (message: any) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

interface OpenCall {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

type Methods = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

export class ProcessLine {
  readonly #peer: Peer;
  readonly #open = new Map<number, OpenCall>();
  #calls = 0;

  constructor(peer: Peer) {
    this.#peer = peer;
    peer.on('message', ({ reply, result, failed }) => {
      const call = this.#open.get(reply);
      this.#open.delete(reply);
      if (failed === undefined) call?.resolve(result);
      else call?.reject(new Error(failed));
    });
    peer.on('disconnect', () => {
      for (const call of this.#open.values()) call.reject(new Error('The other process is gone.'));
      this.#open.clear();
    });
  }

  /** The object that the other end offers. */
  remote<T extends object>(): Remote<T> {
    const get = (_: object, method: string | symbol) => {
      // `await remote` asks for this, and must not call it over there.
      if (method === 'then') return undefined;
      return (...args: readonly unknown[]) => this.#call(method, args);
    };
    return new Proxy({}, { get }) as Remote<T>;
  }

  offer(target: object): void {
    this.#peer.on('message', async ({ call, method, args }) => {
      if (method === undefined) return;
      try {
        this.#peer.send?.({ reply: call, result: await (target as Methods)[method]!(...args) });
      } catch (error) {
        this.#peer.send?.({ reply: call, failed: error instanceof Error ? error.message : String(error) });
      }
    });
  }

  #call(method: string | symbol, args: readonly unknown[]): Promise<unknown> {
    this.#calls += 1;
    const call = this.#calls;
    return new Promise((resolve, reject) => {
      this.#open.set(call, { resolve, reject });
      this.#peer.send?.({ call, method, args });
    });
  }
}
