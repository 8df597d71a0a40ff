/** The routes below the base path: their method, and the access that they need. `endpoints.ts` answers them. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /**
   * `open`: says nothing about the cache, except whether its process may get traffic. `inspect`: its answers hold ids, so it
   * needs credentials even if reading does not.
   */
  readonly access: 'open' | 'read' | 'inspect' | 'change';
}

export const ROUTES = {
  '': { method: 'GET', access: 'open' },
  '/stats': { method: 'GET', access: 'read' },
  '/report': { method: 'GET', access: 'read' },
  '/health': { method: 'GET', access: 'read' },
  '/health/live': { method: 'GET', access: 'open' },
  '/health/ready': { method: 'GET', access: 'open' },
  '/metrics': { method: 'GET', access: 'read' },
  '/map': { method: 'GET', access: 'read' },
  '/invalidations': { method: 'GET', access: 'read' },
  '/explain': { method: 'GET', access: 'inspect' },
  '/invalidate': { method: 'POST', access: 'change' },
  '/clear': { method: 'DELETE', access: 'change' },
} as const satisfies Readonly<Record<string, Route>>;

export type RoutePath = keyof typeof ROUTES;

export function isRoute(path: string): path is RoutePath {
  return Object.hasOwn(ROUTES, path);
}

/** The value of the header `Allow`. */
export function allowedMethods({ method }: Route): string {
  return method === 'GET' ? 'GET, HEAD, OPTIONS' : `${method}, OPTIONS`;
}
