import { open } from 'lmdb';
import type { Spool, Spooled, SpooledGap } from '../../ports/spool.ts';
import { checkRoom, diskError, onDisk } from '../disk-error.ts';
import { lockFolder } from '../folder-lock.ts';

const NOTE = 'note';
const UNNOTED_LAG_MS = 30_000;

/** The meta data of a spooled tick; the payload follows it as it came. A mark has its gap here, and no payload. */
type Head =
  | { readonly c: string; readonly r: number; readonly p?: number; readonly i: string; readonly s: number }
  | { readonly gap: SpooledGap };

/** A spool in an LMDB folder at `path`. One process at a time has it: throws `spool.locked` while another one does. */
export function lmdbSpool(path: string): Spool {
  // A full disk would not take the lock either, and is told as what it is.
  checkRoom(path);
  const unlock = lockFolder(path, 'spool.locked');
  try {
    return openSpool(path, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

function openSpool(path: string, unlock: () => void): Spool {
  const root = opened(path);
  const entries = root.openDB<Buffer, number>({ name: 'ticks', encoding: 'binary', keyEncoding: 'uint32' });
  /** Positions of the marks: finding them must not mean reading all ticks. */
  const marks = root.openDB<Buffer, number>({ name: 'marks', encoding: 'binary', keyEncoding: 'uint32' });
  const notes = root.openDB<string, string>({ name: 'notes', encoding: 'string' });
  const [first] = entries.getKeys({ limit: 1 });
  const [last] = entries.getKeys({ limit: 1, reverse: true });
  let head = first ?? 0;
  // Read backwards, LMDB's binding does not find a key 0 that stands alone.
  let tail = first === undefined ? head : (last ?? first) + 1;

  function remove(from: number, until: number): void {
    root.transactionSync(() => {
      for (let at = from; at < until; at += 1) {
        entries.removeSync(at);
        marks.removeSync(at);
      }
    });
  }

  return {
    async append(batch) {
      const end = tail + batch.length;
      await onDisk(path, async () => {
        root.transactionSync(() => {
          batch.forEach((entry, i) => {
            entries.putSync(tail + i, encode(entry));
            if ('gap' in entry) marks.putSync(tail + i, Buffer.alloc(0));
          });
        });
        try {
          await root.flushed;
        } catch (error) {
          remove(tail, end);
          throw error;
        }
      });
      tail = end;
    },
    read(skip, max) {
      const from = head + skip;
      const found: Spooled[] = [];
      for (const { value } of entries.getRange({ start: from, end: Math.min(from + max, tail) }))
        found.push(decode(value));
      return found;
    },
    get firstMark() {
      const [mark] = marks.getKeys({ start: head, end: tail, limit: 1 });
      return mark === undefined ? null : mark - head;
    },
    async drop(count) {
      const until = Math.min(head + count, tail);
      await onDisk(path, async () => {
        remove(head, until);
        head = until;
        // Positions start again with an empty spool, long before they reach the end of 32 bits.
        if (head === tail) head = tail = 0;
        await root.flushed;
      });
    },
    get size() {
      return tail - head;
    },
    note: () => notes.get(NOTE) ?? null,
    async setNote(text) {
      await onDisk(path, async () => {
        await notes.put(NOTE, text);
        await root.flushed;
      });
    },
    async close() {
      await root.close();
      unlock();
    },
  };
}

function opened(path: string): ReturnType<typeof open> {
  checkRoom(path);
  try {
    return open({ path, maxDbs: 3 });
  } catch (cause) {
    throw diskError(path, cause);
  }
}

function encode(entry: Spooled): Buffer {
  const head: Head =
    'gap' in entry
      ? { gap: entry.gap }
      : { c: entry.channel, r: entry.receivedAt, p: entry.since, i: entry.instance, s: entry.seq };
  const meta = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  return Buffer.concat('gap' in entry ? [length, meta] : [length, meta, entry.payload]);
}

function decode(bytes: Buffer): Spooled {
  const end = 4 + bytes.readUInt32LE(0);
  const head = JSON.parse(bytes.toString('utf8', 4, end)) as Head;
  if ('gap' in head) return head;
  return {
    channel: head.c,
    payload: Buffer.from(bytes.subarray(end)),
    receivedAt: head.r,
    // An older version did not note it, and took at most so long to receive.
    since: head.p ?? head.r - UNNOTED_LAG_MS,
    instance: head.i,
    seq: head.s,
  };
}
