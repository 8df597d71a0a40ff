/**
 * Loaded before the signals example: its configuration forgets one pattern of one event, as a programmer might. `FORGOTTEN`
 * names both: `trade.executed feed:<userId>:*`.
 */
import { cacheConfig } from '../../examples/signals/cache.config';

const [event = '', forgotten = ''] = process.env['FORGOTTEN']?.split(' ') ?? [];
const events: Record<string, readonly string[]> = cacheConfig.events;
const patterns = events[event];
if (!patterns?.includes(forgotten)) throw new Error(`'${event}' has no pattern '${forgotten}'.`);
// An event needs at least one pattern: this one reaches nothing.
const remaining = patterns.map((pattern) => (pattern === forgotten ? 'nothing' : pattern));
Object.assign(cacheConfig.events, { [event]: remaining });
