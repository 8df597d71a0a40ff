/** A request as the endpoints see it, whichever framework has received it. */
import type { IncomingMessage } from 'node:http';

/** The body: nothing, bytes, or what a framework has already made of them. */
export type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'parsed'; readonly value: unknown };

/** Node's request, which Express extends, or the fetch standard's. */
export type RawRequest = IncomingMessage | Request;

export interface EndpointRequest {
  readonly method: string;
  /** What follows the base path: `''`, `'/stats'`. */
  readonly route: string;
  readonly query: URLSearchParams;
  /** @param name in lower case */
  header(name: string): string | undefined;
  /**
   * Reads the body; asked for once, and only when the request may change something.
   * @throws Refusal if it is too large or too slow
   */
  body(): Promise<Body>;
  readonly raw: RawRequest;
  /** Whether the server listens on a loopback address; false if that is not known. */
  readonly onLoopback: boolean;
}

const ORIGIN = /^https?:\/\/[^/?#]*/i;

/** Path and query of a request target. Not the `URL` class: it takes `//name/stats` for another host. */
export function splitTarget(target: string): { readonly path: string; readonly query: URLSearchParams } {
  const [withoutFragment = ''] = target.replace(ORIGIN, '').split('#', 1);
  const mark = withoutFragment.indexOf('?');
  return mark === -1
    ? { path: withoutFragment, query: new URLSearchParams() }
    : { path: withoutFragment.slice(0, mark), query: new URLSearchParams(withoutFragment.slice(mark + 1)) };
}

/** The rest of a path after the base path; `undefined` if it does not lie below it. */
export function routeBelow(basePath: string, path: string): string | undefined {
  if (!path.startsWith(basePath)) return undefined;
  const rest = path.slice(basePath.length);
  if (rest === '' || rest === '/') return '';
  return rest.startsWith('/') ? rest.replace(/\/$/, '') : undefined;
}
