import type { BarAnalysis } from '../../domain/analysis/bar-analysis.ts';
import type { EnrichedTick } from '../../domain/enrichment/enriched-tick.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Database } from '../../ports/database.ts';
import type { Analyses } from '../../stores/analyses.ts';
import type { EnrichedTicks } from '../../stores/enriched-ticks.ts';

/** A row with the analyses of the bars that its tick settled: written together. */
export interface Writable {
  readonly row: EnrichedTick;
  readonly analyses: readonly BarAnalysis[];
}

export interface Written {
  /** Rows that were not there before. */
  readonly added: number;
  /** Rows that the database refuses, with what it says. */
  readonly refused: ReadonlyMap<EnrichedTick, string>;
}

interface WriterNeeds {
  readonly database: Database;
  readonly rows: EnrichedTicks;
  readonly analyses: Analyses;
}

/** SQLSTATEs of what a row holds: data, constraints, and too much or too deep. Any other is about the statement or the server. */
const ABOUT_A_ROW = /^(22|23|5400[01])/;

/**
 * Writes rows and their analyses in one transaction. Where the database refuses what they hold, the batch is halved until the rows that it
 * refuses stand alone; the others are written. Rejects with `database.unavailable` (retry), or `database.query` where the statement is wrong.
 */
export async function writeRows(needs: WriterNeeds, batch: readonly Writable[]): Promise<Written> {
  const refused = new Map<EnrichedTick, string>();
  let added = 0;
  async function write(part: readonly Writable[]): Promise<void> {
    if (part.length === 0) return;
    try {
      added += await inOneTransaction(needs, part);
    } catch (error) {
      if (!(error instanceof PulseError && ABOUT_A_ROW.test(String(error.evidence.sqlstate)))) throw error;
      if (part.length === 1) refused.set(part[0]!.row, error.message);
      else {
        const half = part.length >> 1;
        await write(part.slice(0, half));
        await write(part.slice(half));
      }
    }
  }
  await write(batch);
  return { added, refused };
}

const NO_PARTITION = '23514';

async function inOneTransaction({ database, rows, analyses }: WriterNeeds, part: readonly Writable[]): Promise<number> {
  const insert = async (): Promise<number> => {
    await rows.partitions.ensure(part.map(({ row }) => row.ts));
    return database.transaction(async (query) => {
      const added = await rows.insert(
        query,
        part.map(({ row }) => row),
      );
      await analyses.insert(
        query,
        part.flatMap((each) => each.analyses),
      );
      return added;
    });
  };
  try {
    return await insert();
  } catch (error) {
    if (!(error instanceof PulseError && error.evidence.sqlstate === NO_PARTITION)) throw error;
    // Another worker dropped a day in between.
    rows.partitions.forget();
    return insert();
  }
}
