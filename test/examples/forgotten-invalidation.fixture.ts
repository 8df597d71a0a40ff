/**
 * Loaded before the guild-vault example, in its workers too: the invalidator forgets one of its methods, as a programmer
 * might. `FORGOTTEN` names it: `onUserVaultUpdate`.
 */
import { CacheInvalidator } from '../../examples/guild-vault/cache-invalidator';

const forgotten = process.env['FORGOTTEN'] ?? '';
if (!(forgotten in CacheInvalidator.prototype)) throw new Error(`There is no method '${forgotten}'.`);
Object.assign(CacheInvalidator.prototype, { [forgotten]: async () => true });
