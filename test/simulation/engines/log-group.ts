import type { LogPosition, LogRecord, TopicSelector } from '../../../src/ports/record-log.ts';
import type { Nature } from '../life.ts';

/** What a group needs of its cluster. */
export interface Cluster {
  readonly nature: Nature;
  readonly topics: ReadonlyMap<string, { readonly name: string; readonly partitions: readonly unknown[] }>;
  readonly away: boolean;
  readonly onRebalanced: (() => void) | null;
}

/** A member as its group has it. */
interface GroupMember {
  readonly id: number;
  readonly selector: TopicSelector;
  heardAt: number;
  /** Wakes its fetch that waits for records. */
  wake: (() => void) | null;
  again: boolean;
}

/** What a member holds, and from where it goes on. */
export interface Assignment {
  readonly generation: number;
  readonly held: readonly LogPosition[];
}

/** A member that was not heard of for so long is dead (milliseconds). */
export const SESSION_MS = 6_000;
/** How long members take to notice that topics came (milliseconds, at most). */
const NOTICE_MS = 1_500;

/** A consumer group, as its coordinator has it. */
export class LogGroup {
  readonly #server: Cluster;
  readonly #members = new Map<number, GroupMember>();
  readonly #committed = new Map<string, LogPosition>();
  #owners = new Map<string, number>();
  #generation = 0;
  #ids = 0;
  #noticing = false;

  constructor(server: Cluster) {
    this.#server = server;
  }

  join(selector: TopicSelector): number {
    this.#ids += 1;
    const { now } = this.#server.nature.scheduler;
    this.#members.set(this.#ids, { id: this.#ids, selector, heardAt: now, wake: null, again: false });
    this.#watch(this.#ids);
    this.rebalance();
    return this.#ids;
  }

  leave(id: number): void {
    if (this.#members.delete(id)) this.rebalance();
  }

  /** False: it is no member any more, and must join again. */
  beat(id: number): boolean {
    const member = this.#members.get(id);
    if (member === undefined) return false;
    member.heardAt = this.#server.nature.scheduler.now;
    return true;
  }

  /** Its partitions, where they are others than in `generation`; null where nothing changed. */
  assignment(id: number, generation: number): Assignment | null {
    if (generation === this.#generation) return null;
    const held = this.#partitions()
      .filter(({ topic, partition }) => this.#owners.get(`${topic} ${partition}`) === id)
      .map(({ topic, partition }) => ({ topic, partition, offset: this.committedOf(topic, partition) ?? 0 }));
    return { generation: this.#generation, held };
  }

  committedOf(topic: string, partition: number): number | null {
    return this.#committed.get(`${topic} ${partition}`)?.offset ?? null;
  }

  committed(): LogPosition[] {
    return [...this.#committed.values()];
  }

  /** False: of another generation, and none of it counts. */
  commit(id: number, generation: number, positions: readonly LogPosition[]): boolean {
    if (generation !== this.#generation || !this.#members.has(id)) return false;
    for (const position of positions) this.#committed.set(`${position.topic} ${position.partition}`, position);
    return true;
  }

  /** Lets a member be given again what it has not committed. */
  deliverAgain(): void {
    for (const member of this.#members.values()) member.again = true;
    this.appended();
  }

  /** Whether that was asked for since this was last asked. */
  deliversAgain(id: number): boolean {
    const member = this.#members.get(id);
    if (member?.again !== true) return false;
    member.again = false;
    return true;
  }

  get memberCount(): number {
    return this.#members.size;
  }

  /** Calls `wake` once there may be something new for this member. */
  wait(id: number, wake: () => void): void {
    const member = this.#members.get(id);
    if (member === undefined) wake();
    else member.wake = wake;
  }

  appended(): void {
    for (const member of this.#members.values()) {
      const { wake } = member;
      member.wake = null;
      wake?.();
    }
  }

  topicsChanged(): void {
    if (this.#noticing || this.#members.size === 0) return;
    this.#noticing = true;
    const { scheduler, random } = this.#server.nature;
    scheduler.after(random.next() * NOTICE_MS, 'kafka group notices topics', () => {
      this.#noticing = false;
      this.rebalance();
    });
  }

  topicGone(name: string): void {
    for (const [key, { topic }] of this.#committed) if (topic === name) this.#committed.delete(key);
    this.rebalance();
  }

  /** Shares the partitions anew; members learn of it as they ask. */
  rebalance(): void {
    this.#generation += 1;
    this.#owners = new Map();
    const members = [...this.#members.values()];
    let turn = this.#generation;
    for (const { topic, partition } of this.#partitions()) {
      const eligible = members.filter(({ selector }) => selects(selector, topic));
      if (eligible.length === 0) continue;
      this.#owners.set(`${topic} ${partition}`, eligible[turn % eligible.length]!.id);
      turn += 1;
    }
    this.#server.onRebalanced?.();
    this.appended();
  }

  #partitions(): { topic: string; partition: number }[] {
    return [...this.#server.topics.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(({ name, partitions }) => partitions.map((_, partition) => ({ topic: name, partition })));
  }

  /** Takes a member that is silent for a session out of the group; a coordinator that is away hears nobody and judges nobody. */
  #watch(id: number): void {
    const { scheduler } = this.#server.nature;
    const look = (): void => {
      const member = this.#members.get(id);
      if (member === undefined) return;
      if (this.#server.away) member.heardAt = scheduler.now;
      if (scheduler.now - member.heardAt >= SESSION_MS) this.leave(id);
      else scheduler.at(Math.max(member.heardAt + SESSION_MS, scheduler.now + 1), 'kafka group looks', look);
    };
    scheduler.after(SESSION_MS, 'kafka group looks', look);
  }
}

export const selects = (selector: TopicSelector, topic: string): boolean =>
  'match' in selector ? selector.match.test(topic) : selector.topics.includes(topic);

/** The records of a batch, at most `max`, in order of each partition, and moves the positions past them. */
export function takeBatch(
  read: (topic: string, partition: number, from: number, max: number) => LogRecord[],
  held: readonly { topic: string; partition: number; offset: number }[],
  turn: number,
  max: number,
): LogRecord[] {
  const batch: LogRecord[] = [];
  for (let i = 0; i < held.length && batch.length < max; i += 1) {
    const { topic, partition, offset } = held[(turn + i) % held.length]!;
    batch.push(...read(topic, partition, offset, max - batch.length));
  }
  return batch;
}
