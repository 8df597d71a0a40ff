/**
 * Loaded before an example: its configuration forgets one pattern of one event, as a programmer might. `FORGOTTEN` names the
 * example and both: `signals trade.executed feed:<userId>:*`.
 */
const [example = '', event = '', forgotten = ''] = process.env['FORGOTTEN']?.split(' ') ?? [];
const { cacheConfig } = require(`../../examples/${example}/cache.config`) as {
  readonly cacheConfig: { readonly events: Record<string, readonly string[]> };
};
const patterns = cacheConfig.events[event];
if (!patterns?.includes(forgotten)) throw new Error(`'${event}' has no pattern '${forgotten}'.`);
// An event needs at least one pattern: this one reaches nothing.
const remaining = patterns.map((pattern) => (pattern === forgotten ? 'nothing' : pattern));
Object.assign(cacheConfig.events, { [event]: remaining });
