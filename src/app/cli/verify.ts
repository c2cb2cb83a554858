import { showProgress } from '../../services/feed/progress-bar.ts';
import { reportTable } from '../../services/reconcile/report/table.ts';
import type { Terminal } from '../host/terminal.ts';
import type { Verified } from '../verify/verify.ts';
import { verify } from '../verify/verify.ts';
import type { Command } from './command.ts';

const EXIT_DIFFERENCES = 2;
const SHOWN = 10;

export const verifyCommand: Command<'verify'> = {
  name: 'verify',
  summary: 'play a recorded file through both paths, and compare every bar',
  details: `This needs no server: it works in a folder of its own and deletes it afterwards. With --engines real it uses
REDIS_URL and KAFKA_BOOTSTRAP_SERVERS, under names that begin with verify-<id>.; it touches nothing else and deletes them afterwards.
With --symbol it plays only the ticks of that symbol. A reference may hold bars of several symbols, each line with its "symbol".
Exit code 0: every bar agrees; 2: bars differ, from one another or from the reference, or more than 1 % of the ticks were rejected.

Examples:
  pulse verify EURUSD.ndjson.gz
  pulse verify EURUSD.ndjson.gz --reference EURUSD.bars.ndjson.gz --calendars "EUR*=fx,*=24x7"
  pulse verify all.ndjson.gz --symbol EURUSD --reference bars.ndjson.gz`,
  args: [{ name: 'ticks', about: 'NDJSON or CSV, plain or in gzip', required: true }],
  async run(runtime, { ticks }) {
    const { terminal, clock, config } = runtime;
    const over = new AbortController();
    const found = await verify(runtime, {
      ticks: ticks!,
      onSource: (source) => {
        if (terminal.errIsTerminal) showProgress(source, terminal.err, clock, over.signal);
      },
    }).finally(() => over.abort());
    terminal.out(config.values.json ? `${JSON.stringify(summary(found))}\n` : text(found, terminal));
    return found.faults.length === 0 ? 0 : EXIT_DIFFERENCES;
  },
};

function text(found: Verified, terminal: Terminal): string {
  const { play, reference, compared, unroutable, rejected, peakMemory, faults } = found;
  const left = countsOf(unroutable);
  const rate = Math.round(play.published / play.seconds);
  const lines = [
    `${play.published} ticks through ${found.engines} engines in ${play.seconds.toFixed(1)} s: ${rate} ticks/s, ${Math.round(peakMemory / 1048576)} MB at most`,
    `mirrored ${play.mirrored}; candidate ${play.candidateTicks} ticks, ${play.candidateBars} bars written; incumbent ${play.incumbentTicks} ticks, ${play.incumbentBars} bars written`,
    ...(left.length === 0 ? [] : [`lines left out: ${left.join(', ')}`]),
    ...rejectedLines(rejected),
    '',
    reportTable(
      compared.map(({ report }) => report),
      terminal,
    ),
    ...(reference === null ? [] : referenceLines(reference)),
    faults.length === 0 ? '✓ every bar agrees' : faults.map((fault) => `✗ ${fault}`).join('\n'),
  ];
  return `${lines.join('\n')}\n`;
}

const countsOf = (reasons: Readonly<Record<string, number>>): string[] =>
  Object.entries(reasons).map(([reason, count]) => `${count} × ${reason}`);

function rejectedLines(rejected: Verified['rejected']): string[] {
  const [candidate, incumbent] = [countsOf(rejected.candidate).join(', '), countsOf(rejected.incumbent).join(', ')];
  if (candidate === incumbent) return candidate === '' ? [] : [`ticks rejected: ${candidate}`];
  return [`ticks rejected: candidate ${candidate || 'none'}; incumbent ${incumbent || 'none'}`];
}

function referenceLines({ bars, sides }: NonNullable<Verified['reference']>): string[] {
  const lines = sides.map(
    ({ side, bars: own, differences }) =>
      `reference: ${bars} bars; the ${side} has ${own}, ${differences.length === 0 ? 'all equal' : `${differences.length} differences`}`,
  );
  const shown = sides.flatMap(({ side, differences }) =>
    differences
      .slice(0, SHOWN)
      .map(
        ({ symbol, start, field, ours, reference }) =>
          `    ${side} ${symbol} ${new Date(start).toISOString()} ${field}: ${ours ?? 'none'}, reference ${reference ?? 'none'}`,
      ),
  );
  return [...lines, ...shown, ''];
}

function summary({ compared, ...found }: Verified): object {
  return { ok: found.faults.length === 0, ...found, sessions: compared.map(({ report }) => report) };
}
