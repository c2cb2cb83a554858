import type { Chunk } from '../domain/search/chunk.ts';

export type DocumentFormat = 'markdown' | 'text' | 'html';

export interface GivenDocument {
  /** For messages. */
  readonly id: string;
  readonly content: string;
  readonly format: DocumentFormat;
}

export interface ReadDocument {
  /** What the document calls itself, its first heading, or the first line of its text; empty without any. */
  readonly title: string;
  /** In order; none where the document holds no text. */
  readonly chunks: readonly Chunk[];
}

/** Reads documents, whatever they hold, without holding up anything else in the process. */
export interface DocumentReader {
  /**
   * One document after the other. Rejects with `document.unreadable` where the reading takes too long or too much memory, with
   * `document.busy` (retry) where too many documents wait already.
   */
  read(document: GivenDocument): Promise<ReadDocument>;
  /** Rejects what is being read or waits. */
  close(): Promise<void>;
}
