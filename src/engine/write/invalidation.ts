/**
 * Removing: keys (P21), groups (P5), and by a sweep what no declared pattern reaches (P10). Everything is dropped and
 * fenced here before a command is sent and again after its reply; what L2 does not acknowledge is queued and delivered
 * later (P38), and until then this process does not read those names from L2.
 */
import type { Target } from '../../contract/engine';
import { inChunks } from '../runtime/chunks';
import type { EngineContext } from '../runtime/context';
import {
  groupNameOf,
  isTagName,
  NAMESPACE_GROUP,
  OWN_NAMES,
  PATTERN_SET,
  TAG_EPOCH,
  tagNameOf,
} from '../validity/generation-keys';
import type { Shapes } from '../validity/pattern-shapes';

export interface Acknowledgement {
  /** True when L2 has confirmed; false: it could not be reached in time, and the invalidation stays queued. */
  readonly acknowledged: boolean;
}

export interface PatternAcknowledgement extends Acknowledgement {
  /** Entries removed one by one, for patterns that nobody declared: such a sweep looks at every key. */
  readonly swept: number;
}

/** As told to the record: what was done besides being acknowledged. */
export interface Removal extends PatternAcknowledgement {
  /** Names sent: keys, and the groups of declared patterns. */
  readonly sent: number;
  /** Entries concerned; `null` where a group was among them. */
  readonly entries: number | null;
}

export interface Resolved {
  readonly names: readonly string[];
  readonly undeclared: readonly Target[];
}

const NOTHING: Removal = { acknowledged: true, swept: 0, sent: 0, entries: 0 };

/** What `clear` removes. */
export const EVERYTHING: Target = { text: '*', kind: 'pattern', template: '*', matches: () => true };

export function keyTarget(text: string): Target {
  return { text, kind: 'key', matches: (key) => key === text };
}

/** How many entries go with these names. A generation key does not know how many entries it covers. */
export function removalOf(names: readonly string[], acknowledged: boolean): Removal {
  const hasGroups = names.some((name) => name.startsWith(OWN_NAMES));
  return { acknowledged, swept: 0, sent: names.length, entries: hasGroups ? null : names.length };
}

/** Several removals of one operation as one. */
export function sumOf(removals: readonly Removal[]): Removal {
  return removals.reduce(
    (sum, { acknowledged, swept, sent, entries }) => ({
      acknowledged: sum.acknowledged && acknowledged,
      swept: sum.swept + swept,
      sent: sum.sent + sent,
      entries: sum.entries === null || entries === null ? null : sum.entries + entries,
    }),
    NOTHING,
  );
}

export class Invalidations {
  readonly #context: EngineContext;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /** Keys, tags and bound patterns. A declared pattern is one command, whatever the number of its entries. Never rejects. */
  async targets(targets: readonly Target[]): Promise<Removal> {
    if (targets.length === 0) return NOTHING;
    const resolving = this.resolve(targets);
    const { names, undeclared } = resolving instanceof Promise ? await resolving : resolving;
    const [{ acknowledged }, swept] = await Promise.all([this.deliver(names), this.#sweep(undeclared)]);
    return sumOf([removalOf(names, acknowledged), swept]);
  }

  /**
   * The names in L2 that stand for targets, each once, and the patterns that no name stands for. Not a promise if the
   * declared patterns are known, so that an invalidation is in force here as soon as it is called (P21).
   */
  resolve(targets: readonly Target[]): Resolved | Promise<Resolved> {
    if (!targets.some((target) => target.kind === 'pattern' && target !== EVERYTHING))
      return resolved(targets, undefined);
    const shapes = this.#shapes();
    return shapes instanceof Promise
      ? shapes.then((read) => resolved(targets, read))
      : resolved(targets, shapes);
  }

  #shapes(): Shapes | Promise<Shapes> {
    const { patterns } = this.#context;
    return patterns.known() ?? patterns.read().then((read) => read ?? patterns.lastResort);
  }

  /** One attempt without queueing: for each name whether L2 has acknowledged. Also how queued names are delivered. */
  async send(names: readonly string[]): Promise<readonly boolean[]> {
    const { lastResort } = this.#context.patterns;
    const sending = this.#send(names, lastResort);
    const asking = this.#shapes();
    if (!(asking instanceof Promise)) return sending;
    // In one write to the socket: only a pattern set with news makes a second attempt necessary.
    const [sent, shapes] = await Promise.all([sending, asking]);
    const isNews = names.some((name) => shapes.mayCreate(name) && !lastResort.mayCreate(name));
    return isNews ? this.#send(names, shapes) : sent;
  }

  #send(names: readonly string[], shapes: Shapes): Promise<readonly boolean[]> {
    // First, and acknowledged: a load compares the epoch to see that no tag was invalidated while it ran (P9), and a put
    // to see that nothing was invalidated that it creates (P22). Once for all names: whatever changed had changed before,
    // so a load that begins after this sees it.
    const needsEpoch = (name: string): boolean => isTagName(name) || shapes.mayCreate(name);
    const epoch = names.some(needsEpoch) ? this.#remove(TAG_EPOCH) : undefined;
    return Promise.all(
      names.map(async (name) => {
        if (epoch !== undefined && needsEpoch(name)) {
          this.drop(name);
          if (!(await epoch)) return false;
        }
        return this.#remove(name);
      }),
    );
  }

  /** Whether a write at one of these names is to be seen at the epoch, by loads (P9) or by puts that create (P22). */
  async needEpoch(names: readonly string[]): Promise<boolean> {
    const shapes = await this.#shapes();
    return names.some((name) => isTagName(name) || shapes.mayCreate(name));
  }

  /** Before something is stored at the key: a put that may create it must see that (P22). False: L2 has not acknowledged. */
  announce(key: string): true | Promise<boolean> {
    return !this.#context.patterns.lastResort.mayCreate(key) || this.#remove(TAG_EPOCH);
  }

  async #remove(name: string): Promise<boolean> {
    const { l2, emit } = this.#context;
    this.drop(name);
    const { result } = name.startsWith(OWN_NAMES)
      ? await l2.generations.remove(name)
      : await l2.invalidate(name);
    this.drop(name);
    if (result === 'foreign-type') emit('foreign-value', { key: name });
    return result !== 'unknown';
  }

  /** Forget a key or a generation key here, and keep what is being read or loaded under it now from being shared. */
  drop(name: string): void {
    const { l1, fences, groups } = this.#context;
    if (name.startsWith(OWN_NAMES)) {
      groups.detach(name);
    } else {
      l1.drop(name);
      fences.void(name);
    }
  }

  /** A write whose fate is unknown: whatever stands at the name must go. */
  queue(name: string): void {
    this.drop(name);
    this.#context.outbox.add(name);
  }

  /** Somebody has changed something in L2 (P29). */
  heard(name: string): void {
    const { l1, fences, groups, patterns } = this.#context;
    if (name === PATTERN_SET) patterns.forget();
    else if (name.startsWith(OWN_NAMES)) groups.forget(name);
    else {
      l1.drop(name);
      fences.heard(name);
    }
  }

  /** Anything may have changed: L2 was emptied, or changes were missed. */
  heardAll(): void {
    const { l1, fences, groups, patterns } = this.#context;
    l1.dropAll();
    groups.forgetAll();
    patterns.forget();
    fences.dirtyAll();
  }

  /** What `attempt` did not achieve is queued, and waited for as long as the budget allows (P38). */
  async deliver(
    names: readonly string[],
    attempt = (chunk: readonly string[]): Promise<readonly boolean[]> => this.send(chunk),
  ): Promise<Acknowledgement> {
    const { outbox, l2, times, emit } = this.#context;
    const missing: string[] = [];
    await inChunks(names, async (chunk) => {
      const delivered = await attempt(chunk);
      for (const [index, name] of chunk.entries()) {
        if (delivered[index]) {
          outbox.accepted(name);
          continue;
        }
        this.queue(name);
        missing.push(name);
      }
    });
    if (missing.length === 0) return { acknowledged: true };
    const budgetMs = times.invalidationBudgetMs;
    // A node that has been away for longer than the budget is not waited for by one call after another.
    const isHopeless = missing.some((name) => l2.status.awayMs(name) > budgetMs);
    const acknowledged = !isHopeless && (await outbox.waitFor(missing, budgetMs));
    if (!acknowledged) emit('unacknowledged', { names: missing });
    return { acknowledged };
  }

  /**
   * One pass over the keyspace for each pattern. The lease stands at the key itself, so a load under way is found and
   * voided like an entry, and one pass is enough. A bound pattern is a Redis glob that matches at least its keys, since
   * values hold no glob characters (P1). If the pass cannot be finished, the whole namespace goes instead.
   */
  async #sweep(undeclared: readonly Target[]): Promise<Removal> {
    const { l2, l1, fences, patterns } = this.#context;
    let swept = 0;
    let acknowledged = true;
    // The pass finds no key that is still to be created (P22).
    const mayCreate = undeclared.some(({ text }) => patterns.lastResort.mayCreate(text));
    if (mayCreate && !(await this.#remove(TAG_EPOCH)))
      return removalOf([NAMESPACE_GROUP], (await this.deliver([NAMESPACE_GROUP])).acknowledged);
    for (const pattern of undeclared) {
      const matches = (key: string): boolean => !key.startsWith(OWN_NAMES) && pattern.matches(key);
      const drop = (): void => {
        l1.dropMatching(matches);
        fences.voidMatching(matches);
      };
      drop();
      const { removed, complete } = await l2.sweep(pattern.text, matches);
      drop();
      swept += removed;
      if (complete) continue;
      ({ acknowledged } = await this.deliver([NAMESPACE_GROUP]));
      break;
    }
    return { acknowledged, swept, sent: 0, entries: swept };
  }
}

function resolved(targets: readonly Target[], shapes: Shapes | undefined): Resolved {
  const names = new Set<string>();
  const undeclared: Target[] = [];
  for (const target of targets) {
    const { kind, text } = target;
    if (target === EVERYTHING) names.add(NAMESPACE_GROUP);
    else if (kind === 'key') names.add(text);
    else if (kind === 'tag') names.add(tagNameOf(text));
    else if (shapes?.covers(text)) names.add(groupNameOf(text));
    else undeclared.push(target);
  }
  return { names: [...names], undeclared };
}
