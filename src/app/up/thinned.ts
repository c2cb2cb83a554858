import type { TickSource } from '../../ports/tick-source.ts';

/** A source of which only the first of every `n` ticks of each batch is played. The synthetic market gives a batch a minute, so that each keeps its bar. */
export function thinned(source: TickSource, n: number): TickSource {
  let ticks = 0;
  return {
    name: source.name,
    async *batches(signal) {
      for await (const batch of source.batches(signal)) {
        const kept = batch.filter((_, i) => i % n === 0);
        ticks += kept.length;
        yield kept;
      }
    },
    get counts() {
      return { ...source.counts, ticks };
    },
    get share() {
      return source.share;
    },
    get waitsFor() {
      return source.waitsFor;
    },
  };
}
