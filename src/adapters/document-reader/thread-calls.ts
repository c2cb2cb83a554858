import type { GivenDocument, ReadDocument } from '../../ports/document-reader.ts';

/** What the thread that reads documents is sent, one at a time. */
export type ReaderCall = Pick<GivenDocument, 'content' | 'format'>;

/** What it answers. */
export type ReaderAnswer = ReadDocument | { readonly failed: string };

/** What it says first: from now on it reads what it is sent at once. */
export const READY = 'ready';
