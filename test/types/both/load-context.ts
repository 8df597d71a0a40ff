/** Loaders are given their load, which takes no part in the inference of what they return. */
import { Cacheable, currentLoad, type TiercelCache } from '../../../src';
import { type Exactly, exactly } from './exactly';

declare const cache: TiercelCache;

export class Source {
  @Cacheable('source:<id>', { loadContext: true })
  async document(id: string): Promise<{ id: string }> {
    const { stale, keep } = currentLoad<{ id: string }>();
    const age: number | undefined = stale?.ageMs;
    return age === undefined ? { id } : keep();
  }

  // @ts-expect-error not a flag
  @Cacheable('source:<id>:wrong', { loadContext: 'yes' })
  async wrong(id: string): Promise<string> {
    return id;
  }
}

void cache
  .getOrSet('a', async ({ stale, keep }) => (stale ? keep() : { id: 1 }))
  .then((value) => {
    exactly<Exactly<typeof value, { id: number }>>();
  });
void cache.getOrSet('a', async () => 'text').then((value) => exactly<Exactly<typeof value, string>>());
void cache
  .strategy<'a:<id>', { id: number }>({ key: 'a:<id>' })
  .getOrFetch({ id: 1 }, ({ stale, keep, signal, tag }) => {
    exactly<Exactly<typeof signal, AbortSignal>>();
    tag('x');
    return stale !== undefined && stale.value.id > 1 ? keep() : { id: 1 };
  });
// @ts-expect-error a tag is a string
void cache.getOrSet('a', ({ tag }) => tag(1));
