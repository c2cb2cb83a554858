import { TickLines } from '../../domain/tick/tick-lines.ts';
import type { SourceTick, TickSource } from '../../ports/tick-source.ts';

export interface StdinNeeds {
  /** Standard input, or anything that gives bytes; ending it ends the source. */
  readonly input: AsyncIterable<Buffer>;
}

export interface StdinOptions {
  /** The symbol of lines that name none; null: they cannot be routed. */
  readonly symbol: string | null;
}

/** Ticks from another program: one JSON object a line. No line ever stops it. */
export function stdinSource({ input }: StdinNeeds, { symbol }: StdinOptions): TickSource {
  const lines = new TickLines({ name: 'stdin', symbol, csv: false });

  async function* batches(signal: AbortSignal): AsyncGenerator<readonly SourceTick[]> {
    const chunks = input[Symbol.asyncIterator]();
    const aborted = new Promise<null>((resolve) => {
      if (signal.aborted) resolve(null);
      signal.addEventListener('abort', () => resolve(null), { once: true });
    });
    for (;;) {
      // Whoever writes may be silent for ever: the end must not wait for him.
      const next = await Promise.race([chunks.next(), aborted]);
      if (next === null) return;
      const ticks = next.done ? lines.finish() : lines.push(next.value);
      if (ticks.length > 0) yield ticks;
      if (next.done) return;
    }
  }

  return {
    name: 'stdin',
    batches,
    get counts() {
      return { ticks: lines.ticks, unroutable: lines.unroutable.byReason, examples: lines.unroutable.examples };
    },
    share: null,
    waitsFor: null,
  };
}
