import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openTickFile } from '../../adapters/tick-file/tick-file.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { RowFile } from '../../ports/row-file.ts';
import type { SourceCounts } from '../../ports/tick-source.ts';
import { analysisColumns } from '../../services/enrich-file/analysis-columns.ts';
import { type EnrichedFile, enrichFile } from '../../services/enrich-file/enrich-file.ts';
import { enrichedTable } from '../../services/enrich-file/enriched-columns.ts';
import { showProgress } from '../../services/feed/progress-bar.ts';
import type { Values } from '../config/settings.ts';
import { EXIT_NOTHING_USABLE, EXIT_STOPPED } from '../host/exit-codes.ts';
import type { Runtime } from '../host/runtime.ts';
import { enrichmentOptions } from '../wiring/enrichment.ts';
import type { Command } from './command.ts';
import { openRowFile, rowsToTerminal } from './row-files.ts';

const MEGABYTE = 1_048_576;

export const enrichFileCommand: Command<'enrich-file'> = {
  name: 'enrich-file',
  summary: 'enrich the ticks of a file, as the live worker would, into NDJSON, CSV or Parquet',
  details: `This needs no server. Each usable tick becomes a row: the tick, its readings and the indicators of the last settled bar
(columns bar_…; in NDJSON the object indicators). Unusable ticks are counted and named on standard error. The output file
appears under its name when it is complete. Exit code 65: no tick could be used. 130: stopped by a signal before the end; no file was written.

Examples:
  pulse enrich-file EURUSD.ndjson.gz --out EURUSD.parquet
  pulse enrich-file ticks.csv --symbol EURUSD --out enriched.csv.gz --analyses analyses.ndjson
  pulse enrich-file BTCUSDT.ndjson --calendars "*=24x7" | jq 'select(.flags != [])'`,
  args: [{ name: 'ticks', about: 'NDJSON or CSV, plain or in gzip', required: true }],
  async run(runtime, { ticks }) {
    const { config, terminal, clock, signal } = runtime;
    const { enrichOut, enrichAnalyses, lineSymbol } = config.values;
    const options = await enrichmentOptions(config.values);
    const source = await openTickFile(ticks!, lineSymbol === null ? {} : { symbol: lineSymbol });
    await refuseOverwriting(ticks!, config.values);
    const table = enrichedTable(options.indicators);
    const rows =
      enrichOut === null
        ? rowsToTerminal(terminal, table.columns)
        : await openRowFile(enrichOut, '--out', table.columns);
    const analyses = await openAnalyses(enrichAnalyses, rows);
    const over = new AbortController();
    // Two streams on one terminal: the bar would stand amid the rows.
    if (terminal.errIsTerminal && (enrichOut !== null || !terminal.outIsTerminal))
      showProgress(source, terminal.err, clock, over.signal);
    const begun = clock.monotonic();
    const found = await enrichFile({ source, rows, table, analyses }, options, signal).finally(() => over.abort());
    terminal.err(summary(runtime, found, source.counts, (clock.monotonic() - begun) / 1_000));
    if (!found.whole) return EXIT_STOPPED;
    return found.rows === 0 ? EXIT_NOTHING_USABLE : 0;
  },
};

async function openAnalyses(path: string | null, rows: RowFile): Promise<RowFile | null> {
  try {
    return path === null ? null : await openRowFile(path, '--analyses', analysisColumns);
  } catch (error) {
    await rows.abort();
    throw error;
  }
}

/** A slip of the hand must not cost a recording. */
async function refuseOverwriting(ticks: string, { enrichOut, enrichAnalyses }: Values): Promise<void> {
  const real = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));
  const refuse = (settings: string, rule: string): never => {
    throw new PulseError('config.conflict', { settings, rule });
  };
  const read = await real(ticks);
  const out = enrichOut === null ? null : await real(enrichOut);
  const analyses = enrichAnalyses === null ? null : await real(enrichAnalyses);
  if (out === read) refuse('--out', 'it is the file that is read; name another');
  if (analyses === read) refuse('--analyses', 'it is the file that is read; name another');
  if (out !== null && out === analyses) refuse('--out, --analyses', 'they name one file; give each its own');
}

function summary({ config }: Runtime, found: EnrichedFile, counts: SourceCounts, seconds: number): string {
  const { enrichOut, enrichAnalyses } = config.values;
  const { whole, rows, analyses, unusable } = found;
  const rate = Math.round(counts.ticks / Math.max(seconds, 0.001));
  const memory = Math.round((process.resourceUsage().maxRSS * 1024) / MEGABYTE);
  const to = (path: string | null): string => (whole ? ` to ${path ?? 'standard output'}` : '');
  const left = [...counts.unroutable, ...unusable.byReason].map(([reason, count]) => `${count} × ${reason}`);
  const examples = [...counts.examples, ...unusable.examples].map(({ place, message }) => `  ${place}: ${message}`);
  return [
    ...(whole ? [] : ['stopped before the end: no file was written']),
    `${counts.ticks} ticks in ${seconds.toFixed(1)} s: ${rate} ticks/s, ${memory} MB at most`,
    `${rows} enriched ticks${to(enrichOut)}`,
    ...(enrichAnalyses === null ? [] : [`${analyses} analyses${to(enrichAnalyses)}`]),
    ...(left.length === 0 ? [] : [`left out: ${left.join(', ')}; the first:`, ...examples]),
    '',
  ].join('\n');
}
