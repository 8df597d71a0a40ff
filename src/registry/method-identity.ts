/**
 * The name of a decorated method. TC39 decorators do not know the class, so its name may be learned at the first call.
 * Names are for labels and messages; nothing is looked up by them.
 */

export class MethodIdentity {
  readonly name: string | symbol;
  /** A `#private` method: on no prototype chain, so that nothing can override it. */
  readonly isPrivate: boolean;
  #owner: string | undefined;

  /** `owner` is the name of the class, if it is known. */
  constructor(
    name: string | symbol,
    { owner, isPrivate = false }: { owner?: string; isPrivate?: boolean } = {},
  ) {
    this.name = name;
    this.isPrivate = isPrivate;
    this.#owner = owner;
  }

  /** `Class.method`, or `method` alone while the class is not known. */
  get label(): string {
    const name = String(this.name);
    return this.#owner === undefined ? name : `${this.#owner}.${name}`;
  }

  get isOwnerKnown(): boolean {
    return this.#owner !== undefined;
  }

  /** `owner` is the name of the class. */
  learn(owner: string): void {
    this.#owner = owner;
  }
}

/** The name of the class that `holder` is, is the prototype of, or is an instance of. */
export function classNameOf(holder: object): string {
  const owner: unknown = typeof holder === 'function' ? holder : holder.constructor;
  return typeof owner === 'function' && owner.name !== '' ? owner.name : 'anonymous class';
}
