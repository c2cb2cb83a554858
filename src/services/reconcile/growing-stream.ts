import type { Entry, EntryStream } from '../../ports/entry-stream.ts';

interface Kept<T> {
  readonly id: string;
  readonly item: T | null;
}

const PAGE = 2_000;

/** The entries with `from` ≤ id ≤ `to`, in order. */
export async function* entriesOf(streams: EntryStream, stream: string, from = '-', to = '+'): AsyncGenerator<Entry> {
  for (let cursor = from; ; ) {
    const page = await streams.range(stream, cursor, to, PAGE);
    yield* page;
    if (page.length < PAGE) return;
    cursor = `(${page[page.length - 1]!.id}`;
  }
}

/**
 * What stands in a stream that only grows and is trimmed from its beginning, read again and again: each time only what came since, and what
 * nobody asked to forget.
 */
export class GrowingStream<T> {
  readonly #streams: EntryStream;
  readonly #stream: string;
  readonly #parse: (entry: Entry) => T | null;
  #kept: Kept<T>[] = [];
  #last: Entry | null = null;
  /** Whether what was not forgotten is not in memory, and is to be read anew. */
  #unloaded = false;
  /** From where on it is read again: what stands before that is forgotten. */
  #begin = '-';

  constructor(streams: EntryStream, stream: string, parse: (entry: Entry) => T | null) {
    this.#streams = streams;
    this.#stream = stream;
    this.#parse = parse;
  }

  /** Entries that it keeps in memory. */
  get size(): number {
    return this.#kept.length;
  }

  /** In order. */
  async items(): Promise<T[]> {
    const [first] = await this.#streams.range(this.#stream, '-', '+', 1);
    const last = this.#last;
    const isSame = first !== undefined && last !== null && isEqual(await this.#at(last.id), last);
    if (isSame) this.#kept = this.#kept.filter(({ id }) => !isBefore(id, first.id));
    // Another stream of that name: nothing of it was seen.
    else {
      this.#begin = '-';
      this.#kept = [];
      this.#last = null;
    }
    await this.#read(isSame && !this.#unloaded ? `(${last.id}` : this.#begin);
    this.#unloaded = false;
    return this.#items();
  }

  async #read(from: string, to = '+'): Promise<void> {
    for await (const entry of entriesOf(this.#streams, this.#stream, from, to)) {
      this.#kept.push({ id: entry.id, item: this.#parse(entry) });
      this.#last = entry;
    }
  }

  #items(): T[] {
    return this.#kept.flatMap(({ item }) => item ?? []);
  }

  /** Keeps these no longer, and what is of no interest. They are not given again. */
  forget(isOld: (item: T) => boolean): void {
    // What is not in memory is read anew, and can be forgotten then.
    if (this.#unloaded) return;
    this.#kept = this.#kept.filter(({ item }) => item !== null && !isOld(item));
    if (this.#last !== null) this.#begin = this.#kept[0]?.id ?? `(${this.#last.id}`;
  }

  /** Reads what it gave last once more, where that stands: from the first that was not forgotten on. */
  async again(): Promise<T[]> {
    const last = this.#last;
    if (last === null) return [];
    this.#kept = [];
    await this.#read(this.#begin, last.id);
    this.#unloaded = false;
    return this.#items();
  }

  /** Keeps nothing in memory; the next time what was not forgotten is read anew. */
  unload(): void {
    this.#kept = [];
    this.#unloaded = true;
  }

  async #at(id: string): Promise<Entry | undefined> {
    return (await this.#streams.range(this.#stream, id, id, 1))[0];
  }
}

/** A stream that was deleted and made anew may have an entry of the same id. */
function isEqual(now: Entry | undefined, then: Entry): boolean {
  if (now?.id !== then.id) return false;
  const names = Object.keys(then.fields);
  return (
    Object.keys(now.fields).length === names.length &&
    names.every((name) => now.fields[name]?.equals(then.fields[name]!) === true)
  );
}

function isBefore(a: string, b: string): boolean {
  const [[aMs, aSeq], [bMs, bSeq]] = [a, b].map((id) => id.split('-').map(Number)) as [number[], number[]];
  return aMs! < bMs! || (aMs === bMs && aSeq! < bSeq!);
}
