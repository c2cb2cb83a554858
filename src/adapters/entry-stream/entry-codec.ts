import type { EntryFields, NewEntry } from '../../ports/entry-stream.ts';

/** Fields as bytes: how many, then for each its name and its value, each after its length. */
export function encodeFields(fields: NewEntry['fields']): Buffer {
  const parts = Object.entries(fields).map(
    ([name, value]) => [Buffer.from(name), Buffer.from(value as Buffer)] as const,
  );
  const size = 2 + parts.reduce((sum, [name, value]) => sum + 6 + name.length + value.length, 0);
  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.writeUInt16LE(parts.length);
  for (const [name, value] of parts) {
    at = bytes.writeUInt16LE(name.length, at);
    at += name.copy(bytes, at);
    at = bytes.writeUInt32LE(value.length, at);
    at += value.copy(bytes, at);
  }
  return bytes;
}

/** The fields in `bytes`, as copies: what LMDB gives is only lent. */
export function decodeFields(lent: Buffer): EntryFields {
  const bytes = Buffer.from(lent);
  const fields: Record<string, Buffer> = {};
  let at = 2;
  for (let left = bytes.readUInt16LE(0); left > 0; left -= 1) {
    const nameEnd = at + 2 + bytes.readUInt16LE(at);
    const name = bytes.toString('utf8', at + 2, nameEnd);
    const valueEnd = nameEnd + 4 + bytes.readUInt32LE(nameEnd);
    fields[name] = bytes.subarray(nameEnd + 4, valueEnd);
    at = valueEnd;
  }
  return fields;
}

/** Milliseconds and sequence of an entry's id. */
export type EntryId = readonly [ms: number, seq: number];

export const idText = ([ms, seq]: EntryId): string => `${ms}-${seq}`;

/** The bounds of a range as Redis writes them: `-`, `+`, `<ms>`, `<ms>-<seq>`, and `(` before an id to exclude it. */
export function rangeBound(text: string, end: 'from' | 'to'): EntryId {
  if (text === '-') return [0, 0];
  if (text === '+') return [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  const excluded = text.startsWith('(');
  const [ms = '', seq] = (excluded ? text.slice(1) : text).split('-');
  const id: EntryId = [Number(ms), seq === undefined ? (end === 'from' ? 0 : Number.MAX_SAFE_INTEGER) : Number(seq)];
  if (!excluded) return id;
  return end === 'from' ? [id[0], id[1] + 1] : id[1] === 0 ? [id[0] - 1, Number.MAX_SAFE_INTEGER] : [id[0], id[1] - 1];
}
