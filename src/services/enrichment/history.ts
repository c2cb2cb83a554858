import type { EntryStream } from '../../ports/entry-stream.ts';

const PAGE = 1_000;

/** Id of the entry right before the newest `count` of a stream; undefined where it holds no more than those. */
export async function beforeNewest(
  streams: Pick<EntryStream, 'newest'>,
  stream: string,
  count: number,
): Promise<string | undefined> {
  let before: string | undefined;
  for (let left = count + 1; left > 0; ) {
    const size = Math.min(PAGE, left);
    const page = await streams.newest(stream, size, before);
    if (page.length < size) return undefined;
    before = page[size - 1]!.id;
    left -= size;
  }
  return before;
}
