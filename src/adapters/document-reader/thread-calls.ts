import type { GivenDocument, ReadDocument } from '../../ports/document-reader.ts';

/** What the thread that reads documents is sent, one at a time. */
export type ReaderCall = Pick<GivenDocument, 'content' | 'format'>;

/** What it answers. */
export type ReaderAnswer = ReadDocument | { readonly failed: string };
