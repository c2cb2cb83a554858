import type { Row, RowFile } from '../../src/ports/row-file.ts';

/** A table in memory, that tells how it ended. */
export class MemoryRowFile implements RowFile {
  readonly rows: Row[] = [];
  ended: 'open' | 'closed' | 'aborted' = 'open';
  /** What `write` rejects with, once set. */
  failure: Error | null = null;

  async write(rows: readonly Row[]): Promise<void> {
    if (this.failure !== null) throw this.failure;
    this.rows.push(...rows);
  }

  async close(): Promise<void> {
    this.ended = 'closed';
  }

  async abort(): Promise<void> {
    if (this.ended === 'open') this.ended = 'aborted';
  }
}
