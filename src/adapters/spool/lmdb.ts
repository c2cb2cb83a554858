import { open } from 'lmdb';
import type { Spool, SpooledTick } from '../../ports/spool.ts';

const NOTE = 'note';

/** The meta data of a spooled tick; the payload follows it as it came. */
interface Head {
  readonly c: string;
  readonly r: number;
  readonly i: string;
  readonly s: number;
}

/** A spool in an LMDB file at `path`. One process at a time writes it. */
export function lmdbSpool(path: string): Spool {
  const root = open({ path, maxDbs: 2 });
  const ticks = root.openDB<Buffer, number>({ name: 'ticks', encoding: 'binary', keyEncoding: 'uint32' });
  const notes = root.openDB<string, string>({ name: 'notes', encoding: 'string' });
  const [first] = ticks.getKeys({ limit: 1 });
  const [last] = ticks.getKeys({ limit: 1, reverse: true });
  let head = first ?? 0;
  let tail = last === undefined ? head : last + 1;

  return {
    async append(batch) {
      root.transactionSync(() => {
        for (const tick of batch) {
          ticks.putSync(tail, encode(tick));
          tail += 1;
        }
      });
      await root.flushed;
    },
    oldest(max) {
      const found: SpooledTick[] = [];
      for (const { value } of ticks.getRange({ start: head, limit: max })) found.push(decode(value));
      return found;
    },
    newest(max) {
      const found: SpooledTick[] = [];
      for (const { value } of ticks.getRange({ start: Math.max(head, tail - max) })) found.push(decode(value));
      return found;
    },
    async drop(count) {
      const until = Math.min(head + count, tail);
      root.transactionSync(() => {
        for (; head < until; head += 1) ticks.removeSync(head);
      });
      // Positions start again with an empty spool, long before they reach the end of 32 bits.
      if (head === tail) head = tail = 0;
      await root.flushed;
    },
    get size() {
      return tail - head;
    },
    note: () => notes.get(NOTE) ?? null,
    async setNote(text) {
      await notes.put(NOTE, text);
      await root.flushed;
    },
    close: () => root.close(),
  };
}

function encode(tick: SpooledTick): Buffer {
  const head: Head = { c: tick.channel, r: tick.receivedAt, i: tick.instance, s: tick.seq };
  const meta = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  return Buffer.concat([length, meta, tick.payload]);
}

function decode(bytes: Buffer): SpooledTick {
  const end = 4 + bytes.readUInt32LE(0);
  const { c, r, i, s } = JSON.parse(bytes.toString('utf8', 4, end)) as Head;
  return { channel: c, payload: Buffer.from(bytes.subarray(end)), receivedAt: r, instance: i, seq: s };
}
