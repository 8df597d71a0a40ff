/** Decorators inside those of frameworks that use `experimentalDecorators`. */
import { asMethodDecorator } from '../../../src/decorators/as-method-decorator';
import { Cacheable } from '../../../src/decorators/cacheable';

declare function applyDecorators(
  ...decorators: (MethodDecorator | ClassDecorator | PropertyDecorator)[]
): MethodDecorator;

export class Controller {
  @applyDecorators(asMethodDecorator(Cacheable('stats:<0>', { ttl: '5m' })))
  async stats(id: string): Promise<string> {
    return id;
  }

  // @ts-expect-error: is not a MethodDecorator as it is, since it refuses methods that are not asynchronous
  @applyDecorators(Cacheable('stats:<0>'))
  async direct(id: string): Promise<string> {
    return id;
  }
}
