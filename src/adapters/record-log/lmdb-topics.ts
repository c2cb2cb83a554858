import type { RefusedTopic, TopicSelector, TopicSpec } from '../../ports/record-log.ts';
import { MAX_PARTITIONS } from './lmdb-codec.ts';
import type { Environment } from './lmdb-environment.ts';
import { collision, collisionName } from './topic-names.ts';

/** A topic of the embedded log, as it stands under its name. */
export interface Topic {
  readonly name: string;
  /** Stands for the name in the keys of records. */
  readonly id: number;
  readonly partitions: number;
  readonly compacted: boolean;
  /** Null: the default of the log. */
  readonly retentionMs: number | null;
}

const VERSION = 'topics.version';
/** What Kafka allows, so that a name that works here works there. */
const LEGAL = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;

/** The topics of the log, kept in memory as long as nobody makes one. */
export class Topics {
  readonly #env: Environment;
  #version = -1;
  #byName: ReadonlyMap<string, Topic> = new Map();
  /** Names of topics by what they share with those that they collide with. */
  #taken: ReadonlyMap<string, string> = new Map();

  constructor(env: Environment) {
    this.#env = env;
  }

  /** By name, in order of names. */
  all(): ReadonlyMap<string, Topic> {
    const version = this.version();
    if (version !== this.#version) {
      const found = new Map<string, Topic>();
      for (const { key, value } of this.#env.topics.getRange({}))
        found.set(key, { name: key, ...(value as Omit<Topic, 'name'>) });
      this.#byName = new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
      this.#taken = new Map([...found.keys()].map((name) => [collisionName(name), name]));
      this.#version = version;
    }
    return this.#byName;
  }

  /** Changes when a topic is made, by whatever process. */
  version(): number {
    return this.#env.meta.get(VERSION) ?? 0;
  }

  /** Looks again at the next call: what was made in a transaction that failed is not there. */
  forget(): void {
    this.#version = -1;
  }

  /** Makes the topics that are missing; to be called within a transaction. Gives those that this log, or Kafka, would not have. */
  make(specs: readonly TopicSpec[]): RefusedTopic[] {
    const refused: RefusedTopic[] = [];
    const made = new Map<string, string>();
    for (const spec of specs) {
      const { topic, partitions = 1, compacted = false, retentionMs = null } = spec;
      const name = collisionName(topic);
      if (this.all().has(topic) || made.get(name) === topic) continue;
      const other = this.#taken.get(name) ?? made.get(name);
      const refusal = other === undefined ? illegal(spec) : collision(topic, other);
      if (refusal !== null) refused.push(refusal);
      else {
        made.set(name, topic);
        this.#env.topics.putSync(topic, { id: this.#env.count('topics.last'), partitions, compacted, retentionMs });
      }
    }
    if (made.size > 0) this.#env.count(VERSION);
    return refused;
  }
}

export const selects = (selector: TopicSelector, topic: string): boolean =>
  'match' in selector ? topic.search(selector.match) !== -1 : selector.topics.includes(topic);

/** Why there can't be such a topic, whatever others there are; null where there can. */
function illegal({ topic, partitions = 1 }: TopicSpec): RefusedTopic | null {
  const refusal = (reason: string): RefusedTopic => ({ topic, reason, collidesWith: null });
  if (!LEGAL.test(topic))
    return refusal(`the topic name ${JSON.stringify(topic)} is not 1 to 249 of A–Z a–z 0–9 . _ - (nor . nor ..)`);
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS)
    return refusal(`the topic ${topic} can't have ${partitions} partitions; 1 to ${MAX_PARTITIONS} is allowed`);
  return null;
}
