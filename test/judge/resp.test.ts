import { expect, test } from 'vitest';
import { command, ReplyReader } from './resp.ts';

const bytes = Buffer.from('+OK\r\n:42\r\n$5\r\nhe\r\nl\r\n$-1\r\n*2\r\n$1\r\na\r\n*1\r\n:7\r\n-ERR no\r\n');
const plain = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(plain) : Buffer.isBuffer(value) || value instanceof Error ? String(value) : value;

test('replies are read however the bytes are cut', () => {
  for (let size = 1; size <= bytes.length; size += 1) {
    const reader = new ReplyReader();
    const replies: unknown[] = [];
    for (let at = 0; at < bytes.length; at += size) replies.push(...reader.take(bytes.subarray(at, at + size)));
    expect(plain(replies)).toEqual(['OK', 42, 'he\r\nl', null, ['a', [7]], 'Error: ERR no']);
  }
});

test('a command is a list of strings with their lengths in bytes', () => {
  expect(command('PUBLISH', 'ticks.EURUSD', '€').toString()).toBe(
    '*3\r\n$7\r\nPUBLISH\r\n$12\r\nticks.EURUSD\r\n$3\r\n€\r\n',
  );
});
