/** A partition to read. */
export interface SessionPlace {
  readonly topic: string;
  readonly id: string;
  readonly partition: number;
  /** The offset to read from. */
  readonly from: number;
}

/** Topics of a fetch, as the protocol has them. */
export interface SessionTopic {
  readonly topicId: string;
  readonly partitions: {
    readonly partition: number;
    readonly fetchOffset: bigint;
    readonly partitionMaxBytes: number;
    readonly currentLeaderEpoch: number;
    readonly lastFetchedEpoch: number;
  }[];
}

const LAST_EPOCH = 2 ** 31 - 1;

/**
 * What a broker remembers of a reader's fetches (KIP-227), so that each request names only the partitions that changed, and each answer only
 * those with news. The library's own sessions copy and compare all partitions for each fetch.
 */
export class FetchSession<P extends SessionPlace> {
  /** The broker's number for it; 0 while there is none. */
  id = 0;
  /** Of the next request. */
  epoch = 0;
  /** What the broker knows of, by topic and partition. */
  readonly #known = new Map<string, (P | undefined)[]>();
  #count = 0;

  /** What to tell the broker, so that it knows of these places and no others. `byId`: whether fetches name topics by their ids. */
  changes(
    places: readonly P[],
    byId: boolean,
    maxBytes: number,
  ): { topics: SessionTopic[]; forgotten: ForgottenTopic[] } {
    const topics = new Map<string, SessionTopic>();
    for (const place of places) {
      const { partition, from } = place;
      const id = byId ? place.id : place.topic;
      let known = this.#known.get(id);
      if (known === undefined) {
        known = [];
        this.#known.set(id, known);
      }
      const before = known[partition];
      known[partition] = place;
      if (before === undefined) this.#count += 1;
      else if (before.from === from) continue;
      let topic = topics.get(id);
      if (topic === undefined) {
        topic = { topicId: id, partitions: [] };
        topics.set(id, topic);
      }
      topic.partitions.push({
        partition,
        fetchOffset: BigInt(from),
        partitionMaxBytes: maxBytes,
        currentLeaderEpoch: -1,
        lastFetchedEpoch: -1,
      });
    }
    return {
      topics: [...topics.values()],
      forgotten: this.#count > places.length ? this.#forget(new Set(places)) : [],
    };
  }

  /** The place that the broker answers for. */
  at(id: string, partition: number): P | undefined {
    return this.#known.get(id)?.[partition];
  }

  /** The broker has answered: from now on it knows. */
  answered(id: number): void {
    this.id = id;
    this.epoch = id === 0 ? 0 : this.epoch === LAST_EPOCH ? 1 : this.epoch + 1;
    if (id !== 0) return;
    // It has no room for sessions.
    this.#known.clear();
    this.#count = 0;
  }

  #forget(wanted: ReadonlySet<P>): ForgottenTopic[] {
    const forgotten: ForgottenTopic[] = [];
    for (const [topicId, known] of this.#known) {
      const partitions = known.flatMap((place) => (place === undefined || wanted.has(place) ? [] : [place.partition]));
      if (partitions.length === 0) continue;
      for (const partition of partitions) known[partition] = undefined;
      this.#count -= partitions.length;
      if (known.every((place) => place === undefined)) this.#known.delete(topicId);
      // A broker that never knew of them is told nothing.
      if (this.id !== 0) forgotten.push({ topicId, partitions });
    }
    return forgotten;
  }
}

export interface ForgottenTopic {
  readonly topicId: string;
  readonly partitions: number[];
}
