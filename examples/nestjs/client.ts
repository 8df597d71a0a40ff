/** Requests to the application over real HTTP, as JSON, with the time that they took. */
export interface Answer {
  readonly status: number;
  readonly json: any;
  readonly ms: number;
}

export class Client {
  readonly #base: string;
  readonly #token: string;

  constructor(base: string, token: string) {
    this.#base = base;
    this.#token = token;
  }

  get(path: string): Promise<Answer> {
    return this.#send(path, {});
  }

  send(method: string, path: string, body?: unknown): Promise<Answer> {
    if (body === undefined) return this.#send(path, { method });
    const headers = { 'content-type': 'application/json' };
    return this.#send(path, { method, headers, body: JSON.stringify(body) });
  }

  /** With the token of the cache's endpoints. */
  authorized(method: string, path: string): Promise<Answer> {
    return this.#send(path, { method, headers: { authorization: `Bearer ${this.#token}` } });
  }

  async #send(path: string, init: RequestInit): Promise<Answer> {
    const startedAt = performance.now();
    const response = await fetch(`${this.#base}${path}`, init);
    const json = await response.json();
    return { status: response.status, json, ms: performance.now() - startedAt };
  }
}
