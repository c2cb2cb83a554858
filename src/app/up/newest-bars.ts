import { parseBar } from '../../domain/bar-codec.ts';
import { BAR_STREAMS, barStream, barTopic } from '../../domain/bar-topics.ts';
import { type SideBar, sideBar } from '../../domain/parity-bar.ts';
import { parseStreamBar } from '../../domain/side-bars.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { RecordLog } from '../../ports/record-log.ts';

/** The newest bar of a symbol on the candidate's side, and the incumbent's of the same minute. */
export interface NewestBar {
  readonly symbol: string;
  readonly candidate: SideBar;
  /** Null while it is not there. */
  readonly incumbent: SideBar | null;
}

const TOPIC = /^bars\.(.+)\.1m$/;
/** Bars among which the newest minute, and the incumbent's of the same minute, surely are. */
const DEPTH = 5;

export async function newestBars(log: RecordLog, streams: EntryStream): Promise<NewestBar[]> {
  const symbols = (await log.topics()).flatMap((topic) => TOPIC.exec(topic)?.[1] ?? []);
  const found: NewestBar[] = [];
  for (const symbol of symbols) {
    const candidate = await newestCandidate(log, symbol);
    if (candidate === null) continue;
    const entries = await streams.newest(barStream(BAR_STREAMS, symbol, '1m'), DEPTH);
    const incumbent = entries
      .map(({ fields }) => parseStreamBar(symbol, fields))
      .find((b) => b.start === candidate.start);
    found.push({ symbol, candidate, incumbent: incumbent ?? null });
  }
  return found;
}

async function newestCandidate(log: RecordLog, symbol: string): Promise<SideBar | null> {
  let newest: SideBar | null = null;
  for (const { topic, partition, earliest, end } of await log.ranges(barTopic(symbol, '1m'))) {
    // The last one written may be a correction of an earlier minute.
    for (const { value } of await log.read(topic, partition, Math.max(earliest, end - DEPTH), DEPTH)) {
      if (value === null) continue;
      const bar = sideBar(parseBar(value));
      if (newest === null || bar.start >= newest.start) newest = bar;
    }
  }
  return newest;
}
