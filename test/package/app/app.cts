/** The same package from a CommonJS program. */
import tiercel = require('tiercel');
import http = require('tiercel/http');

export const config = tiercel.defineCacheConfig({ namespace: 'app', l1: { maxSize: 100 } });

// @ts-expect-error: an option that does not exist.
export const mistaken = tiercel.defineCacheConfig({ namespace: 1 });

export const handler: http.CacheHandler = http.createCacheHandler(tiercel.createCache(config));
