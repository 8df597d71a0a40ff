/** With a registered configuration, the names of its presets are checked. */
import { Cacheable } from '../../../src/decorators/cacheable';

declare module '../../../src/config/register' {
  interface Register {
    config: { readonly ttl: { readonly prices: 60 } };
  }
}

export class Prices {
  @Cacheable('price:<symbol>', { ttl: 'prices' })
  async price(symbol: string): Promise<number> {
    return symbol.length;
  }

  // @ts-expect-error: no such preset
  @Cacheable('price:<symbol>', { ttl: 'price' })
  async misspelt(symbol: string): Promise<number> {
    return symbol.length;
  }
}
