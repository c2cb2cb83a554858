import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../clock/system.ts';
import { BatchWriter } from './batch-writer.ts';
import { RespReader } from './resp-reader.ts';

const frame = (channel: string, payload: string): string =>
  `*4\r\n$8\r\npmessage\r\n$7\r\nticks.*\r\n$${channel.length}\r\n${channel}\r\n$${payload.length}\r\n${payload}\r\n`;

/** What the batches hold of bytes that arrive in pieces of these lengths, in turns: channel and payload. */
function read(bytes: Buffer, pieces: readonly number[]): [string, string][] {
  const messages: [string, string][] = [];
  const names: string[] = [];
  const batches = new BatchWriter(systemClock(), (batch) => {
    names.push(...batch.names);
    let at = 0;
    for (let i = 0; i < batch.index.length; i += 2) {
      const payload = Buffer.from(batch.payloads, at, batch.index[i + 1]);
      messages.push([names[batch.index[i]!]!, payload.toString()]);
      at += payload.length;
    }
  });
  const reader = new RespReader({
    message: (...places) => batches.message(...places),
    answer: () => expect.fail('nothing was answered'),
    overwritten: () => batches.flush(),
  });
  for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
    const room = reader.room();
    const count = Math.min(pieces[piece % pieces.length]!, room.length, bytes.length - at);
    bytes.copy(room, 0, at, at + count);
    reader.received(count);
    at += count;
  }
  return messages;
}

test('messages come out as they went in, however their bytes arrive in pieces', () => {
  const message = fc.tuple(
    fc.constantFrom('ticks.EURUSD', 'ticks.BTC-PERP', 'ticks.A'),
    fc.integer({ min: 0, max: 400 }),
  );
  const pieces = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 60 }), pieces, (kinds, lengths) => {
      const sent = kinds.map(([channel, length], i): [string, string] => [
        channel,
        `${i} `.repeat(200).slice(0, length),
      ]);
      const bytes = Buffer.from(sent.map(([channel, payload]) => frame(channel, payload)).join(''));
      expect(read(bytes, lengths)).toEqual(sent);
    }),
  );
});

test('a message larger than all the room there is comes out whole, and so do those around it', () => {
  const sent: [string, string][] = [
    ['ticks.A', 'before'],
    ['ticks.B', 'x'.repeat(1_500_000)],
    ['ticks.A', 'after'],
  ];
  const bytes = Buffer.from(sent.map(([channel, payload]) => frame(channel, payload)).join(''));
  expect(read(bytes, [100_000, 65_536])).toEqual(sent);
});
