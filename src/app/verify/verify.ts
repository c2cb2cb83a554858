import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fileReason } from '../../adapters/file-reason.ts';
import { dropKeys, dropTopics } from '../../adapters/namespace/cleanup.ts';
import {
  namespacedLease,
  namespacedLog,
  namespacedPubSub,
  namespacedStreams,
} from '../../adapters/namespace/namespace.ts';
import { openTickFile } from '../../adapters/tick-file/tick-file.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Compared } from '../../domain/parity/parity.ts';
import { type Side, settledBar, sides } from '../../domain/parity/parity-bar.ts';
import {
  compareWithReference,
  type OwnBar,
  parseReferenceBar,
  type ReferenceBar,
  type ReferenceDifference,
} from '../../domain/parity/reference-bars.ts';
import type { TickSource } from '../../ports/tick-source.ts';
import { replaySource } from '../../services/feed/replay-source.ts';
import { reconcile, type Sides, symbolsOf } from '../../services/reconcile/reconcile.ts';
import { instrumentsOf } from '../config/instruments.ts';
import { type Engines, engines } from '../engines/composition.ts';
import { kafkaOptions, redisOptions } from '../engines/options.ts';
import { reachAll } from '../engines/reach.ts';
import type { Runtime } from '../host/runtime.ts';
import { type PlayResult, play } from '../play/play.ts';
import type { PathNeeds } from '../wiring/path-needs.ts';
import { openSides, reconcileRules } from '../wiring/reconcile.ts';
import { rejectedOnLog, rejectedOnStream } from './rejected.ts';

/** What one side makes of the reference. */
export interface ReferenceResult {
  readonly side: Side;
  readonly bars: number;
  readonly differences: readonly (ReferenceDifference & { readonly symbol: string })[];
}

export interface Verified {
  readonly engines: 'embedded' | 'real';
  readonly play: PlayResult;
  /** Lines of the file that are no ticks of any channel, by reason. */
  readonly unroutable: Readonly<Record<string, number>>;
  /** Ticks that each side could not use, by reason. */
  readonly rejected: Readonly<Record<Side, Readonly<Record<string, number>>>>;
  readonly compared: readonly Compared[];
  /** Null where no reference was given. */
  readonly reference: { readonly bars: number; readonly sides: readonly ReferenceResult[] } | null;
  /** Most memory that this process had, in bytes. */
  readonly peakMemory: number;
  /** Why it does not hold, a line each; empty where it does. */
  readonly faults: readonly string[];
}

export interface VerifyOptions {
  readonly ticks: string;
  readonly onSource?: (source: TickSource) => void;
}

/** Streams must keep every tick of the tape, so that differences can be traced. */
const KEEP_TICKS = 50_000_000;

/** Plays a recorded file through both paths, in a place of its own, and compares. Rejects with `feed.*`, `file.*` or those of the engines. */
export async function verify(runtime: Runtime, { ticks, onSource }: VerifyOptions): Promise<Verified> {
  const { config, clock } = runtime;
  const { values } = config;
  const reference = values.reference === null ? null : await readReference(values.reference);
  const isWanted = (symbol: string | null): boolean =>
    values.lineSymbol === null || symbol === null || symbol === values.lineSymbol;
  const wanted = (bars: readonly ReferenceBar[]) => bars.filter(({ symbol }) => isWanted(symbol));
  const instruments = instrumentsOf(values);
  const incrementOf = (symbol: string) => instruments(symbol).priceIncrement;
  const recorded = await openTickFile(ticks, values.lineSymbol === null ? {} : { symbol: values.lineSymbol });
  if (values.engines === 'real') await reachAll(runtime, ['redis', 'kafka']);
  const folder = await mkdtemp(join(tmpdir(), 'pulse-verify-'));
  const prefix = `verify-${runtime.random.id()}.`;
  const own = values.engines === 'embedded' ? engines({ config, clock, dataDir: folder, policy: 'embedded' }) : null;
  try {
    const used = own ?? namespaced(runtime.engines, prefix);
    const source = replaySource({ file: recorded, clock }, { speed: 'max', shift: null, isWanted });
    onSource?.(source);
    const played = await play(pathNeeds(runtime, used, folder), source, {}, runtime.signal);
    const opened = await openSides(used, values, false);
    const symbols = await symbolsOf(opened);
    const compared: Compared[] = [];
    for (const symbol of symbols) {
      const found = await reconcile(opened, symbol, { every: 'session' }, reconcileRules(values), FOREVER);
      compared.push(...found.compared);
    }
    const found = {
      engines: values.engines,
      play: played,
      unroutable: Object.fromEntries(source.counts.unroutable),
      rejected: {
        candidate: await rejectedOnLog(await used.log()),
        incumbent: await rejectedOnStream(await used.streams()),
      },
      compared,
      reference: reference === null ? null : await againstReference(wanted(reference), opened, symbols, incrementOf),
      peakMemory: process.resourceUsage().maxRSS * 1024,
    };
    return { ...found, faults: faultsOf(found) };
  } finally {
    await own?.close();
    if (own === null) await dropNames(runtime, prefix);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything on the tape is settled. */
const FOREVER = Number.MAX_SAFE_INTEGER;

/** Names of its own on engines that others use too. */
function namespaced(inner: Engines, prefix: string): Pick<Engines, 'log' | 'pubSub' | 'streams' | 'keys' | 'lease'> {
  return {
    log: async () => namespacedLog(await inner.log(), prefix),
    pubSub: async () => namespacedPubSub(await inner.pubSub(), prefix),
    streams: async () => namespacedStreams(await inner.streams(), prefix),
    lease: async () => namespacedLease(await inner.lease(), prefix),
    keys: () => inner.keys(),
  };
}

/** Takes away what the run left on engines that others use too; what cannot be is told, and named. */
async function dropNames({ config, clock, terminal }: Runtime, prefix: string): Promise<void> {
  const { redisUrl, redisStreamsUrl } = config.values;
  try {
    for (const url of new Set([redisUrl, redisStreamsUrl ?? redisUrl]))
      for (const begin of [prefix, `pulse:lease:{${prefix}`])
        await dropKeys(await redisOptions(config, url, clock), begin);
    await dropTopics(await kafkaOptions(config, clock), prefix);
  } catch (error) {
    terminal.err(`pulse: keys and topics that begin with ${prefix} are left behind: ${(error as Error).message}\n`);
  }
}

function pathNeeds(runtime: Runtime, used: PathNeeds['engines'], dataDir: string): PathNeeds {
  const { config, clock, metrics, journals, instance } = runtime;
  return {
    engines: used,
    values: { ...config.values, tickStreamLength: KEEP_TICKS, composites: [], redisBarsKey: '<SYMBOL>' },
    dataDir,
    instance,
    clock,
    metrics,
    journal: (service) => {
      const journal = journals.of(service);
      return {
        event(level, code, message, data) {
          // Its report is the result: only what went wrong is worth a line beside it.
          if (level === 'warn' || level === 'error') journal.event(level, code, message, data);
        },
      };
    },
  };
}

async function readReference(path: string): Promise<ReferenceBar[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new PulseError('parity.reference.unreadable', { path, reason: fileReason(cause) }, { cause });
  }
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const bar = parseReferenceBar(line);
    if (bar === null) throw new PulseError('parity.reference', { path, line: i + 1, value: line.slice(0, 120) });
    return [bar];
  });
}

/** Compares each symbol's bars with those of the reference. Lines that name no symbol are of the only one. */
async function againstReference(
  reference: readonly ReferenceBar[],
  opened: Sides,
  symbols: readonly string[],
  incrementOf: (symbol: string) => string | null,
): Promise<NonNullable<Verified['reference']>> {
  const [only] = symbols;
  if (symbols.length > 1 && reference.some(({ symbol }) => symbol === null))
    throw new PulseError('parity.reference.symbols', { symbols: symbols.join(', ') });
  const bySymbol = Map.groupBy(reference, ({ symbol }) => symbol ?? only ?? '');
  // A symbol of the tape that the reference says nothing of lacks all its bars there.
  for (const symbol of symbols) if (!bySymbol.has(symbol)) bySymbol.set(symbol, []);
  const results: ReferenceResult[] = [];
  for (const side of sides) {
    const result = { side, bars: 0, differences: [] as (ReferenceDifference & { symbol: string })[] };
    for (const [symbol, expected] of bySymbol) {
      const bars = await barsOf(opened, side, symbols.includes(symbol) ? symbol : null);
      result.bars += bars.size;
      for (const each of compareWithReference(bars, expected, incrementOf(symbol)))
        result.differences.push({ symbol, ...each });
    }
    results.push(result);
  }
  return { bars: reference.length, sides: results };
}

/** The settled bars of a side, by start; none where it has none of that symbol. */
async function barsOf(opened: Sides, side: Side, symbol: string | null): Promise<Map<number, OwnBar>> {
  const read = symbol === null ? [] : (await opened[side].read(symbol)).bars;
  const versions = Map.groupBy(read, ({ start }) => start);
  return new Map([...versions].map(([start, each]) => [start, settledBar(each).bar]));
}

/** Percent of the ticks: where more are rejected, bars that agree say little of the tape. */
const MOST_REJECTED_PERCENT = 1;

function rejectedFaults({ play: { published }, rejected }: Pick<Verified, 'play' | 'rejected'>): string[] {
  return sides.flatMap((side) => {
    const count = Object.values(rejected[side]).reduce((sum, each) => sum + each, 0);
    if (count * 100 <= published * MOST_REJECTED_PERCENT) return [];
    return [
      `the ${side} rejected ${count} of ${published} ticks, more than ${MOST_REJECTED_PERCENT} %: its bars are not those of this tape`,
    ];
  });
}

function faultsOf(found: Omit<Verified, 'faults'>): string[] {
  const { play: p, compared, reference } = found;
  const faults = rejectedFaults(found);
  if (!p.complete) faults.push('nothing moved any more before every tick stood in a bar');
  for (const [name, count] of [
    ['mirror', p.mirrored],
    ['candidate', p.candidateTicks],
    ['incumbent', p.incumbentTicks],
  ] as const)
    if (count !== p.published) faults.push(`${p.published} ticks were published, the ${name} took ${count}`);
  const differ = compared.reduce(
    (sum, { report: r }) => sum + r.expected - r.agreeing + r.offCalendar.compared - r.offCalendar.agreeing,
    0,
  );
  if (differ > 0) faults.push(`${differ} bars differ between the sides`);
  if (p.published === 0) faults.push('the file holds no tick of that symbol');
  else if (compared.length === 0) faults.push('no bar came of it: not one tick could be used');
  for (const { side, differences } of reference?.sides ?? [])
    if (differences.length > 0) faults.push(`${differences.length} differences between the ${side} and the reference`);
  return faults;
}
