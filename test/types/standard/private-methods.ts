/** What only standard decorators can decorate; also run by the tests of behaviour. */

import { CacheInvalidate } from '../../../src/decorators/cache-invalidate';
import { Cacheable } from '../../../src/decorators/cacheable';

export class Vault {
  runs = 0;

  @Cacheable('secret:<id>', { when: (args) => args[0] !== '' })
  async #secret(id: string): Promise<string> {
    this.runs += 1;
    return `secret ${id}`;
  }

  @CacheInvalidate(['secret:<id>'])
  async #forget(id: string): Promise<void> {}

  read(id: string): Promise<string> {
    return this.#secret(id);
  }

  forget(id: string): Promise<void> {
    return this.#forget(id);
  }

  // @ts-expect-error: a synchronous private method
  @Cacheable('sync')
  #sync(): string {
    return '';
  }
}
