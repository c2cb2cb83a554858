import type { SourceTick, TickSource } from '../../ports/tick-source.ts';

/** Ticks that go together: each batch has a cost of its own, on every engine that it goes through. */
const TOGETHER = 1_000;

/** A source of which only the first of every `n` ticks of each batch is played. The synthetic market gives a batch a minute, so that each keeps its bar. */
export function thinned(source: TickSource, n: number): TickSource {
  let ticks = 0;
  return {
    name: source.name,
    async *batches(signal) {
      let kept: SourceTick[] = [];
      for await (const batch of source.batches(signal)) {
        // Payloads of a minute are parts of one piece of memory: those that are kept must not keep all of it.
        for (let i = 0; i < batch.length; i += n) kept.push({ ...batch[i]!, payload: Buffer.from(batch[i]!.payload) });
        if (kept.length < TOGETHER) continue;
        ticks += kept.length;
        yield kept;
        kept = [];
      }
      ticks += kept.length;
      if (kept.length > 0) yield kept;
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
