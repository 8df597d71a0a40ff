/** The program of a worker process: a cache, the worker over it, and a line to the process that has started it. */
import { createCache } from 'tiercel';
import { cacheConfig, IN_A_HURRY } from '../cache.config';
import type { GuildDatabase } from '../guild-database';
import { GuildWorker } from './guild-worker';
import { ProcessLine } from './process-line';

const [namespace = '', redisUrl = ''] = process.argv.slice(2);
const { monitoring, l2 } = IN_A_HURRY;
const cache = createCache({ ...cacheConfig, namespace, monitoring, l2: { ...l2, url: redisUrl } });

const line = new ProcessLine(process);
line.offer(new GuildWorker(cache, line.remote<GuildDatabase>()));
process.once('disconnect', () => void cache.close());
