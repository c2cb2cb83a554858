import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { DocumentReader } from '../../ports/document-reader.ts';
import { systemClock } from '../clock/system.ts';
import { type ThreadReaderOptions, threadReader } from './thread.ts';

const clock = systemClock();

function open(options: Omit<ThreadReaderOptions, 'clock'> = {}): DocumentReader {
  const reader = threadReader({ clock, ...options });
  onTestFinished(() => reader.close());
  return reader;
}

const STOPS = { id: 'stops', content: '# Stops\n\nA stop limits the loss.', format: 'markdown' } as const;
const READ = { title: 'Stops', chunks: [{ headings: ['Stops'], content: 'A stop limits the loss.' }] };
/** The lexer goes through each of these paragraphs over and over: minutes. */
const HOSTILE = `${'*a [b]('.repeat(500)}\n\n`.repeat(3_000);

test('documents of each format are read, in the order in which they came', async () => {
  const reader = open();
  const order: string[] = [];
  const read = async (id: string, content: string, format: 'markdown' | 'text' | 'html') => {
    const { title, chunks } = await reader.read({ id, content, format });
    order.push(id);
    return [title, ...chunks.map((chunk) => chunk.content)];
  };
  expect(
    await Promise.all([
      read('a', '# Stops\n\nA *stop*.', 'markdown'),
      read('b', '<title>Fees</title><p>A fee &amp; more.', 'html'),
      read('c', 'Plain *text*', 'text'),
      read('d', ' ', 'text'),
    ]),
  ).toEqual([['Stops', 'A stop.'], ['Fees', 'A fee & more.'], ['Plain *text*', 'Plain *text*'], ['']]);
  expect(order).toEqual(['a', 'b', 'c', 'd']);
});

test('one that takes too long is refused, while this thread does other work; the next is read', async () => {
  const reader = open({ limitMs: 500 });
  const hostile = reader.read({ id: 'hostile', content: HOSTILE, format: 'markdown' }).then(
    () => null,
    (error: unknown) => error,
  );
  const next = reader.read(STOPS);
  let turns = 0;
  let refused: unknown;
  const ended = hostile.then((error) => {
    refused = error;
  });
  for (; refused === undefined; turns += 1) await setImmediate();
  await ended;
  expect(refused).toMatchObject({
    code: 'document.unreadable',
    message: 'hostile cannot be read: that takes longer than 0.5 s',
  });
  expect(turns).toBeGreaterThan(1_000);
  expect(await next).toEqual(READ);
});

test('more than may wait are refused at once, and taken again once there is room', async () => {
  const reader = open({ mostCharacters: 2 * STOPS.content.length });
  const taken = [reader.read(STOPS), reader.read(STOPS)];
  await expect(reader.read(STOPS)).rejects.toMatchObject({ code: 'document.busy', retry: true, status: 503 });
  expect(await Promise.all(taken)).toEqual([READ, READ]);
  expect(await reader.read(STOPS)).toEqual(READ);
  // One that is larger than all that may wait is read when it is alone.
  expect(await reader.read({ id: 'large', content: 'a stop '.repeat(100), format: 'text' })).toMatchObject({
    chunks: [{ headings: [] }],
  });
});

test('hundreds of short ones may wait', async () => {
  const reader = open();
  const read = await Promise.all(Array.from({ length: 500 }, () => reader.read(STOPS)));
  expect(read).toEqual(read.map(() => READ));
});

test('what is read or waits when it closes is refused', async () => {
  const reader = open();
  const reading = [HOSTILE, 'short'].map((content) => reader.read({ id: 'late', content, format: 'markdown' }));
  const settled = Promise.allSettled(reading);
  await setImmediate();
  await reader.close();
  for (const { reason } of (await settled) as PromiseRejectedResult[])
    expect(reason).toMatchObject({ code: 'document.unreadable', message: 'late cannot be read: the process ends' });
});
