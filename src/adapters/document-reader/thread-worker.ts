// Reads documents: in a thread of its own, because a text that was made to hurt takes the lexer of Markdown seconds.
import { parentPort } from 'node:worker_threads';
import { chunksOf } from '../../domain/search/chunk.ts';
import { parseDocument } from './parse.ts';
import type { ReaderAnswer, ReaderCall } from './thread-calls.ts';

const port = parentPort!;

function read({ content, format }: ReaderCall): ReaderAnswer {
  try {
    const { title, sections } = parseDocument(content, format);
    return { title, chunks: chunksOf(sections) };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (call: ReaderCall) => port.postMessage(read(call)));
