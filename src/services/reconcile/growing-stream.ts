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

/** What stands in a stream that only grows and is trimmed from its beginning, read again and again: each time only what came since. */
export class GrowingStream<T> {
  readonly #streams: EntryStream;
  readonly #stream: string;
  readonly #parse: (entry: Entry) => T | null;
  #kept: Kept<T>[] = [];
  #last: Entry | null = null;

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
    const isSame =
      first !== undefined && last !== null && this.#kept.length > 0 && isEqual(await this.#at(last.id), last);
    if (!isSame) this.#kept = [];
    else
      this.#kept.splice(
        0,
        this.#kept.findIndex(({ id }) => !isBefore(id, first.id)),
      );
    this.#last = isSame ? last : null;
    for await (const entry of entriesOf(this.#streams, this.#stream, isSame ? `(${last.id}` : '-')) {
      this.#kept.push({ id: entry.id, item: this.#parse(entry) });
      this.#last = entry;
    }
    return this.#kept.flatMap(({ item }) => item ?? []);
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
