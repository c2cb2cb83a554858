import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbEntryStream } from '../../src/adapters/entry-stream/lmdb.ts';
import { lmdbKeyValue } from '../../src/adapters/key-value/lmdb.ts';
import { lmdbRecordLog } from '../../src/adapters/record-log/lmdb.ts';
import { Shell } from '../support/command-line.ts';
import { type Bar, printed, type Scale, type Tick } from './market.ts';
import type { Gap, Market, World, Written } from './world.ts';

const clock = systemClock();

type Log = ReturnType<typeof lmdbRecordLog>;
type Streams = ReturnType<typeof lmdbEntryStream>;

/** Writes both paths as bytes into a desk's engines, and gives what `pulse reconcile` says of the first symbol, as JSON. */
export async function reported(world: World): Promise<unknown> {
  const shell = await Shell.open();
  try {
    await mkdir(join(shell.dataDir, 'database'), { recursive: true });
    await fill(world, shell.dataDir);
    const iso = (ts: number): string => new Date(ts).toISOString();
    const { symbol } = world.markets[0]!.instrument;
    const range = ['--from', iso(world.from), '--to', iso(world.to)];
    const ran = await shell.run([
      'reconcile',
      '--symbol',
      symbol,
      ...range,
      '--calendars',
      '*=24x7',
      '--format',
      'json',
    ]);
    return ran.out === '' ? { failed: ran.err } : JSON.parse(ran.out).reports;
  } finally {
    await shell.close();
  }
}

async function fill({ form, markets }: World, folder: string): Promise<void> {
  const log = lmdbRecordLog({ path: join(folder, 'log'), clock });
  const streams = lmdbEntryStream({ path: join(folder, 'streams'), clock });
  const keys = lmdbKeyValue({ path: join(folder, 'keys') });
  for (const market of markets) {
    const { symbol, scale } = market.instrument;
    await putCandidate(log, market);
    await streams.append(
      market.incumbent.ticks.map((tick) => ({ stream: `v2:ticks:${symbol}`, fields: { j: tickText(tick, scale) } })),
    );
    const bars = market.incumbent.bars;
    if (form === 'JSON key') await keys.set(`bars:${symbol}:1m`, `[${bars.map(olderText).join(',')}]`);
    else
      await streams.append(
        bars.map((bar) => ({ stream: `stream:bar:1m:${symbol}`, fields: entryOf(bar, form === 'older stream') })),
      );
    await putTroubles(streams, market);
  }
  for (const engine of [log, streams, keys]) await engine.close();
}

const tickText = ({ ts, price, volume }: Tick, scale: Scale): string =>
  `{"ts":${ts},"price":${printed(price, scale.price)},"volume":${printed(volume, scale.volume)}}`;

async function putCandidate(log: Log, { instrument, candidate }: Market): Promise<void> {
  const { symbol, scale } = instrument;
  const topics = [`ticks.${symbol}`, `bars.${symbol}.1m`, 'mirror.gaps', 'ticks.rejected'];
  await log.createTopics(topics.map((topic) => ({ topic, partitions: 1 })));
  await log.append(
    candidate.ticks.map((tick) => ({
      topic: `ticks.${symbol}`,
      key: symbol,
      value: Buffer.from(tickText(tick, scale)),
    })),
  );
  await log.append(
    candidate.bars.map((bar) => ({
      topic: `bars.${symbol}.1m`,
      key: String(('junk' in bar ? bar.start : bar.at) / 1_000),
      value: Buffer.from(recordText(symbol, bar)),
    })),
  );
  await log.append(
    candidate.gaps.map((gap, i) => ({
      topic: 'mirror.gaps',
      key: `gap-${i}`,
      value: Buffer.from(gapText(symbol, gap, i)),
    })),
  );
  await log.append(
    candidate.late.map((ts, i) => ({
      topic: 'ticks.rejected',
      key: symbol,
      value: Buffer.from('{}'),
      headers: new Map(
        Object.entries({ reason: 'tick.late', symbol, ts: String(ts), source: `ticks.${symbol}/0@${i}` }),
      ),
    })),
  );
}

async function putTroubles(streams: Streams, { instrument, incumbent }: Market): Promise<void> {
  const { symbol } = instrument;
  await streams.append(
    incumbent.gaps.map((gap, i) => ({ stream: 'stream:bar:gaps', fields: { j: gapText(symbol, gap, i) } })),
  );
  await streams.append(
    incumbent.late.map((ts, i) => ({
      stream: 'stream:ticks:rejected',
      fields: { j: '{}', reason: 'tick.late', symbol, ts: String(ts), source: `ticks.${symbol} ${i}` },
    })),
  );
}

const gapText = (symbol: string, { after, before, open }: Gap, i: number): string =>
  JSON.stringify({
    id: `gap-${i}`,
    service: 'mirror',
    instance: 'a',
    reason: 'disconnect',
    pattern: 'ticks.*',
    from: after,
    to: before,
    status: open ? 'open' : 'closed',
    filled: 0,
    symbols: { [symbol]: { after, before } },
  });

/** A record on the candidate's topic. */
function recordText(symbol: string, written: Written): string {
  const line = (ts: number, { open, high, low, close, volume, n, digest, partial = false, rev = 0 }: Bar): string =>
    `{"symbol":"${symbol}","tf":"1m","ts":${ts / 1_000},"o":${open},"h":${high},"l":${low},"c":${close},"v":${volume},"n":${n},"rev":${rev},"digest":"${digest}","partial":${partial}}`;
  if ('bar' in written) return line(written.at, written.bar);
  if (written.junk === 'text') return 'no bar';
  return line(written.start, {
    ...NO_BAR,
    open: written.junk === 'no price' ? 'null' : '1',
    volume: written.junk === 'negative volume' ? '-1' : '1',
  });
}

const NO_BAR: Bar = {
  start: 0,
  open: '1',
  high: '1',
  low: '1',
  close: '1',
  volume: '1',
  n: 1,
  digest: '00000000000000aa',
};

/** An entry on the incumbent's stream. */
function entryOf(written: Written, older: boolean): Record<string, string> {
  const fields = (ts: number, { open, high, low, close, volume, n, digest, partial = false, rev = 0 }: Bar) => ({
    ...{ ts: String(ts / 1_000), open, high, low, close, volume },
    ...(!older && { n: String(n), rev: String(rev), digest, partial: String(partial) }),
  });
  if ('bar' in written) return fields(written.at, written.bar);
  if (written.junk === 'text') return { j: 'no bar' };
  const { junk, start } = written;
  return { ...fields(start, NO_BAR), ...(junk === 'no price' ? { open: 'n/a' } : { volume: '-1' }) };
}

/** An item of the older array: by turns an object and an array, in seconds and in milliseconds. */
function olderText(written: Written): string {
  if ('junk' in written) {
    if (written.junk === 'text') return '"no bar"';
    return JSON.stringify([
      written.start / 1_000,
      written.junk === 'no price' ? 'n/a' : 1,
      1,
      1,
      1,
      written.junk === 'negative volume' ? -1 : 1,
    ]);
  }
  const { open, high, low, close, volume } = written.bar;
  const ts = written.at;
  return ts % 120_000 === 0
    ? `[${ts / 1_000},${open},${high},${low},${close},${volume}]`
    : `{"ts":${ts},"o":${open},"h":${high},"l":${low},"c":${close},"v":${volume}}`;
}
