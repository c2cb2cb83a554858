import type { BarAnalysis } from '../../domain/analysis/bar-analysis.ts';
import { type Enriched, StreamEnricher } from '../../domain/enrichment/stream-enricher.ts';
import type { EnrichmentOptions } from '../../domain/enrichment/symbol-enricher.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { UnroutableCounts } from '../../domain/tick/unroutable.ts';
import type { Row, RowFile } from '../../ports/row-file.ts';
import type { SourceTick, TickSource } from '../../ports/tick-source.ts';
import { analysisRow } from './analysis-columns.ts';
import type { EnrichedTable } from './enriched-columns.ts';

export interface EnrichFileNeeds {
  readonly source: TickSource;
  /** Takes the rows of `table`. */
  readonly rows: RowFile;
  readonly table: EnrichedTable;
  /** Takes the analyses of closed bars; null where nobody wants them. */
  readonly analyses: RowFile | null;
}

export interface EnrichedFile {
  /** False where it was told to stop before the end: then nothing was left behind. */
  readonly whole: boolean;
  readonly rows: number;
  readonly analyses: number;
  /** Ticks that enrichment cannot use; lines that are no ticks at all are counted by the source. */
  readonly unusable: UnroutableCounts;
}

/** Ticks that are enriched and written at once: few, so that their text is gone before the garbage collector takes it for lasting. */
const ROWS = 500;
/** Later than any bar ends. */
const FOREVER = Number.MAX_SAFE_INTEGER;

/**
 * Plays the ticks of a file through the enricher of the live worker, and writes a row for each that can be used. Bars that are still open
 * at the end are analysed as they stand, and marked as not settled. Rejects with `feed.file.*` or `file.unwritable`; nothing is left then.
 */
export async function enrichFile(
  needs: EnrichFileNeeds,
  options: EnrichmentOptions,
  signal: AbortSignal,
): Promise<EnrichedFile> {
  const outputs = needs.analyses === null ? [needs.rows] : [needs.analyses, needs.rows];
  try {
    const pass = new Pass(needs, options);
    for await (const ticks of needs.source.batches(signal)) {
      for (let from = 0; from < ticks.length && !signal.aborted; from += ROWS)
        await pass.take(ticks.slice(from, from + ROWS));
    }
    const whole = !signal.aborted;
    if (whole) {
      await pass.finish();
      for (const output of outputs) await output.close();
    }
    return { whole, rows: pass.rows, analyses: pass.analyses, unusable: pass.unusable };
  } finally {
    // What is closed stays.
    for (const output of outputs) await output.abort();
  }
}

class Pass {
  readonly #needs: EnrichFileNeeds;
  readonly #enricher: StreamEnricher;
  /** Ticks so far. */
  #entry = 0;
  #symbol = '';
  #symbolBytes = Buffer.alloc(0);
  rows = 0;
  analyses = 0;
  readonly unusable = new UnroutableCounts();

  constructor(needs: EnrichFileNeeds, options: EnrichmentOptions) {
    this.#needs = needs;
    this.#enricher = new StreamEnricher(needs.source.name, options);
  }

  async take(ticks: readonly SourceTick[]): Promise<void> {
    const rows: Row[] = [];
    const analyses: BarAnalysis[] = [];
    for (const tick of ticks) {
      this.#entry += 1;
      const enriched = this.#enrich(tick);
      if (enriched === null) continue;
      if ('rejection' in enriched) {
        const { fault, evidence } = enriched.rejection;
        this.unusable.add(fault, `tick ${this.#entry}`, new PulseError(fault, evidence).message);
        continue;
      }
      rows.push(this.#needs.table.row(this.#entry, enriched.row));
      if (enriched.analyses.length > 0) analyses.push(...enriched.analyses);
    }
    this.rows += rows.length;
    await this.#needs.rows.write(rows);
    await this.#analysed(analyses);
  }

  async finish(): Promise<void> {
    for (const symbol of this.#enricher.symbols.values()) await this.#analysed(symbol.settledByClock(FOREVER));
  }

  /** Null where a defect of ours keeps it from a row; the live worker goes on after it too. */
  #enrich({ symbol, payload }: SourceTick): Enriched | null {
    if (symbol !== this.#symbol) {
      this.#symbol = symbol;
      this.#symbolBytes = Buffer.from(symbol);
    }
    const id = `${this.#entry}-0`;
    try {
      // Nobody received it: it was recorded, whenever that was.
      return this.#enricher.take(id, { j: payload, symbol: this.#symbolBytes }, null);
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      const { code, message } = new PulseError('entry.failed', { id, reason });
      this.unusable.add(code, `tick ${this.#entry}`, message);
      return null;
    }
  }

  async #analysed(analyses: readonly BarAnalysis[]): Promise<void> {
    const { analyses: output } = this.#needs;
    if (output === null || analyses.length === 0) return;
    this.analyses += analyses.length;
    await output.write(analyses.map(({ payload }) => analysisRow(payload)));
  }
}
