import { hostname } from 'node:os';
import type { Clock } from '../../ports/clock.ts';
import type { LogPosition, TopicSelector } from '../../ports/record-log.ts';
import type { Environment } from './lmdb-environment.ts';
import { selects, type Topic, type Topics } from './lmdb-topics.ts';

/** A partition that a member holds: it alone of its group reads it and commits for it. */
export interface Held {
  readonly topic: Topic;
  readonly partition: number;
  /** Offset of the next record to hand out. */
  position: number;
}

/** A member as it stands in the log. */
interface MemberEntry {
  /** Epoch milliseconds; past it the member is taken for dead. */
  readonly until: number;
  readonly host: string;
  readonly pid: number;
  readonly topics: readonly string[] | { readonly source: string; readonly flags: string };
}

/** A member that was not heard of for so long is dead. One whose process has ended is known as dead at once. */
export const SESSION_MS = 15_000;
/** How often a member says that it lives. */
export const HEARTBEAT_MS = 4_000;
/** How often a member looks whether the others' processes live. */
const LOOK_MS = 1_000;

const MEMBER = 'member';
const OWNER = 'owner';
const POSITION = 'position';
const LAST = '\u{10ffff}';

/** Members that live in this process. */
const local = new Set<string>();
let members = 0;

/**
 * One consumer of a group. Partitions are shared evenly: each member gives up what it holds beyond its share, between two batches,
 * and takes what nobody holds; so no partition has two owners, save when one was silent for a session, and then its commits are refused.
 */
export class Member {
  readonly #env: Environment;
  readonly #topics: Topics;
  readonly #clock: Clock;
  readonly #group: string;
  readonly #selector: TopicSelector;
  readonly #id: string;
  #held: readonly Held[] = [];
  #joined = false;
  #seen = '';
  #lookAt = Number.NEGATIVE_INFINITY;

  constructor(env: Environment, topics: Topics, clock: Clock, group: string, selector: TopicSelector) {
    this.#env = env;
    this.#topics = topics;
    this.#clock = clock;
    this.#group = group;
    this.#selector = selector;
    members += 1;
    this.#id = `${hostname()}-${process.pid}-${members}`;
    local.add(this.#id);
  }

  /** The same list until it changes. */
  get held(): readonly Held[] {
    return this.#held;
  }

  /** Whether there may be something to take or to give up: topics or members came or went. */
  get due(): boolean {
    if (!this.#joined || this.#state() !== this.#seen) return true;
    if (this.#clock.monotonic() < this.#lookAt) return false;
    this.#lookAt = this.#clock.monotonic() + LOOK_MS;
    const now = this.#clock.now();
    return this.#entries(MEMBER).some(([[id], entry]) => this.#isDead(id!, entry as MemberEntry, now));
  }

  /** Takes and gives up partitions; joins first where it must. */
  async tend(): Promise<void> {
    const before = this.#held;
    this.#joined = false;
    const held = await this.#env.transaction(() => this.#tend());
    this.#joined = true;
    if (before.length !== held.length || before.some((h) => !held.includes(h))) this.#held = held;
    this.#env.announce();
  }

  /** Says that it lives. */
  async renew(): Promise<void> {
    await this.#env.transaction(() => this.#renew());
  }

  /** Commits the positions of what it holds; gives up for the next `tend` what it turns out to hold no longer. */
  async commit(positions: readonly LogPosition[]): Promise<void> {
    const lost = await this.#env.transaction(() => {
      this.#renew();
      return positions.filter(({ topic, partition, offset }) => {
        const at = [this.#group, topic, String(partition)];
        if (this.#env.groups.get([OWNER, ...at]) !== this.#id) return true;
        this.#env.groups.putSync([POSITION, ...at], offset);
        return false;
      });
    });
    if (lost.length > 0) {
      this.#held = this.#held.filter(
        (held) => !lost.some((l) => l.topic === held.topic.name && l.partition === held.partition),
      );
      this.#joined = false;
    }
  }

  /** What was handed out and not committed is handed out again. */
  rewind(): void {
    for (const held of this.#held) held.position = this.#startOf(held.topic, held.partition);
  }

  async leave(): Promise<void> {
    local.delete(this.#id);
    this.#held = [];
    await this.#env.transaction(() => {
      for (const [at, owner] of this.#entries(OWNER))
        if (owner === this.#id) this.#env.groups.removeSync([OWNER, this.#group, ...at]);
      this.#env.groups.removeSync([MEMBER, this.#group, this.#id]);
      this.#env.count(this.#version);
    });
    this.#env.announce();
  }

  #tend(): readonly Held[] {
    const live = this.#bury();
    if (!live.has(this.#id)) this.#env.count(this.#version);
    this.#renew();
    live.set(this.#id, this.#entry());
    const owners = this.#owners(live);
    const mine: { topic: Topic; partition: number }[] = [];
    for (const { partitions, quota } of this.#shares(live)) {
      const owner = ({ topic, partition }: { topic: Topic; partition: number }): string | undefined =>
        owners.get(`${topic.name} ${partition}`);
      const held = partitions.filter((p) => owner(p) === this.#id);
      const free = partitions.filter((p) => owner(p) === undefined);
      for (const p of held.slice(quota)) this.#env.groups.removeSync(this.#ownerKey(p.topic.name, p.partition));
      const taken = free.slice(0, Math.max(0, quota - held.length));
      for (const p of taken) this.#env.groups.putSync(this.#ownerKey(p.topic.name, p.partition), this.#id);
      if (held.length > quota || taken.length > 0) this.#env.count(this.#version);
      mine.push(...held.slice(0, quota), ...taken);
    }
    // With its own changes: they leave nothing for it to do.
    this.#seen = this.#state();
    return mine.map(({ topic, partition }) => {
      const known = this.#held.find((held) => held.topic.name === topic.name && held.partition === partition);
      return known ?? { topic, partition, position: this.#startOf(topic, partition) };
    });
  }

  /** The live members; the dead are taken out. */
  #bury(): Map<string, MemberEntry> {
    const now = this.#clock.now();
    const live = new Map<string, MemberEntry>();
    for (const [[id], value] of this.#entries(MEMBER)) {
      const entry = value as MemberEntry;
      if (!this.#isDead(id!, entry, now)) live.set(id!, entry);
      else {
        this.#env.groups.removeSync([MEMBER, this.#group, id!]);
        this.#env.count(this.#version);
      }
    }
    return live;
  }

  /** Who holds what, by `<topic> <partition>`; what the dead held is free. */
  #owners(live: ReadonlyMap<string, MemberEntry>): Map<string, string> {
    const owners = new Map<string, string>();
    for (const [[topic, partition], owner] of this.#entries(OWNER)) {
      if (live.has(owner as string)) owners.set(`${topic} ${partition}`, owner as string);
      else this.#env.groups.removeSync(this.#ownerKey(topic!, Number(partition)));
    }
    return owners;
  }

  /** The partitions of this member's topics, in sets that the same members consume, and how many of each set are its share. */
  #shares(
    live: ReadonlyMap<string, MemberEntry>,
  ): { partitions: { topic: Topic; partition: number }[]; quota: number }[] {
    const ids = [...live.keys()].sort();
    const selectors = new Map(
      [...live].map(([id, { topics }]) => [
        id,
        'source' in topics ? { match: new RegExp(topics.source, topics.flags) } : { topics },
      ]),
    );
    const sets = new Map<string, { partitions: { topic: Topic; partition: number }[]; consumers: string[] }>();
    for (const topic of this.#topics.all().values()) {
      if (!selects(this.#selector, topic.name)) continue;
      const consumers = ids.filter((id) => selects(selectors.get(id)!, topic.name));
      const key = consumers.join(' ');
      const set = sets.get(key) ?? { partitions: [], consumers };
      sets.set(key, set);
      for (let partition = 0; partition < topic.partitions; partition += 1) set.partitions.push({ topic, partition });
    }
    return [...sets.values()].map(({ partitions, consumers }) => {
      const rank = consumers.indexOf(this.#id);
      const quota =
        Math.floor(partitions.length / consumers.length) + (rank < partitions.length % consumers.length ? 1 : 0);
      return { partitions, quota };
    });
  }

  #entry(): MemberEntry {
    const selector = this.#selector;
    const topics =
      'match' in selector ? { source: selector.match.source, flags: selector.match.flags } : selector.topics;
    return { until: this.#clock.now() + SESSION_MS, host: hostname(), pid: process.pid, topics };
  }

  #renew(): void {
    this.#env.groups.putSync([MEMBER, this.#group, this.#id], this.#entry());
  }

  #isDead(id: string, { until, host, pid }: MemberEntry, now: number): boolean {
    if (id === this.#id) return false;
    if (until <= now) return true;
    if (host !== hostname()) return false;
    return pid === process.pid ? !local.has(id) : !runs(pid);
  }

  /** Where to begin: at the committed position, or at the earliest record. */
  #startOf({ name, id }: Topic, partition: number): number {
    const committed = this.#env.groups.get([POSITION, this.#group, name, String(partition)]) as number | undefined;
    return committed ?? this.#env.starts.get([id, partition]) ?? 0;
  }

  #ownerKey(topic: string, partition: number): string[] {
    return [OWNER, this.#group, topic, String(partition)];
  }

  /** What the log keeps of a kind for this group: the rest of the key, and the value. */
  #entries(kind: string): [string[], unknown][] {
    return entriesOf(this.#env, kind, this.#group);
  }

  get #version(): string {
    return `group.version ${this.#group}`;
  }

  #state(): string {
    return `${this.#topics.version()} ${this.#env.meta.get(this.#version) ?? 0}`;
  }
}

/** Where a group stands. */
export function committedPositions(env: Environment, group: string): LogPosition[] {
  return entriesOf(env, POSITION, group).map(([[topic, partition], offset]) => ({
    topic: topic!,
    partition: Number(partition),
    offset: offset as number,
  }));
}

function entriesOf(env: Environment, kind: string, group: string): [string[], unknown][] {
  const range = { start: [kind, group], end: [kind, group, LAST] };
  return [...env.groups.getRange(range)].map(({ key, value }) => [key.slice(2), value]);
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
