import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { PulseError } from '../../domain/errors/errors.ts';
import { csvColumns } from '../../domain/tick/tick-csv.ts';
import { TickLines } from '../../domain/tick/tick-lines.ts';
import type { SourceTick, TickSource } from '../../ports/tick-source.ts';
import { fileReason } from '../file-reason.ts';

export interface TickFileOptions {
  /** The symbol of lines that name none; absent: what the file's name begins with, if that looks like one (`EURUSD.fxcm.csv`). */
  readonly symbol?: string | undefined;
}

/** Bytes read at once: a few thousand ticks. */
const CHUNK = 262_144;
/** How the content of a file begins that is something else. */
const FOREIGN: readonly (readonly [start: string, name: string])[] = [
  ['504b0304', 'is a zip archive'],
  ['28b52ffd', 'is compressed with zstd'],
  ['425a68', 'is compressed with bzip2'],
  ['fd377a585a', 'is compressed with xz'],
  ['50415231', 'is a Parquet file'],
];
const BOM = Buffer.from('efbbbf', 'hex');

/**
 * Opens a recorded file: NDJSON or CSV, plain or in gzip, told apart by content. It gives its ticks as fast as they are taken,
 * in the file's order, with bounded memory; the bytes of an NDJSON line are the payload, unchanged.
 * Rejects with `feed.file.unreadable`, `feed.file.format` or `feed.file.columns`; reading may reject with `feed.file.damaged`, and does so with
 * `feed.file.no-ticks` at its end where not one line was a tick.
 */
export async function openTickFile(path: string, options: TickFileOptions = {}): Promise<TickFile> {
  const { size, start } = await firstBytes(path);
  const zipped = start[0] === 0x1f && start[1] === 0x8b;
  const content = zipped ? await firstUnzipped(path) : start;
  const csv = isCsv(path, content);
  if (csv) checkHeader(path, content);
  return new TickFile(path, size, zipped, csv, options.symbol ?? symbolOfName(path));
}

/** A recorded file, opened. */
export class TickFile implements TickSource {
  readonly name = 'replay';
  readonly waitsFor = null;
  readonly #path: string;
  readonly #size: number;
  readonly #zipped: boolean;
  readonly #lines: TickLines;
  #read = 0;

  constructor(path: string, size: number, zipped: boolean, csv: boolean, symbol: string | null) {
    this.#path = path;
    this.#size = size;
    this.#zipped = zipped;
    this.#lines = new TickLines({ name: basename(path), symbol, csv });
  }

  get counts(): TickSource['counts'] {
    return {
      ticks: this.#lines.ticks,
      unroutable: this.#lines.unroutable.byReason,
      examples: this.#lines.unroutable.examples,
    };
  }

  get share(): number {
    return this.#size === 0 ? 1 : Math.min(1, this.#read / this.#size);
  }

  async *batches(signal: AbortSignal): AsyncGenerator<readonly SourceTick[]> {
    const file = createReadStream(this.#path, { highWaterMark: CHUNK });
    file.on('data', (bytes) => {
      this.#read += bytes.length;
    });
    const content = this.#zipped ? unzip(file) : file;
    let first = true;
    try {
      for await (const chunk of content) {
        if (signal.aborted) return;
        const bytes = chunk as Buffer;
        const ticks = this.#lines.push(first && bytes.subarray(0, 3).equals(BOM) ? bytes.subarray(3) : bytes);
        first = false;
        if (ticks.length > 0) yield ticks;
      }
      const last = this.#lines.finish();
      if (last.length > 0) yield last;
    } catch (cause) {
      if (cause instanceof PulseError) throw cause;
      throw new PulseError(
        'feed.file.damaged',
        { path: this.#path, line: this.#lines.lines, reason: reasonOf(cause) },
        { cause },
      );
    } finally {
      content.destroy();
      file.destroy();
    }
    const [example] = this.#lines.unroutable.examples;
    if (this.#lines.ticks === 0)
      throw new PulseError('feed.file.no-ticks', {
        path: this.#path,
        lines: this.#lines.lines,
        first: example?.message ?? null,
      });
  }
}

function unzip(file: NodeJS.ReadableStream): ReturnType<typeof createGunzip> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  file.on('error', (error) => gunzip.destroy(error));
  return file.pipe(gunzip);
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

async function firstBytes(path: string): Promise<{ size: number; start: Buffer }> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
      return { size, start: buffer.subarray(0, bytesRead) };
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new PulseError('feed.file.unreadable', { path, reason: fileReason(cause) }, { cause });
  }
}

/** The beginning of what a gzip file holds; empty where that cannot be had: reading it in full then tells why. */
async function firstUnzipped(path: string): Promise<Buffer> {
  const file = createReadStream(path, { end: 65_535 });
  const content = unzip(file);
  try {
    for await (const chunk of content) return (chunk as Buffer).subarray(0, 4096);
    return Buffer.alloc(0);
  } catch {
    // `batches` meets the same damage, and names it with its line.
    return Buffer.alloc(0);
  } finally {
    content.destroy();
    file.destroy();
  }
}

function isCsv(path: string, start: Buffer): boolean {
  const foreign = FOREIGN.find(([magic]) => start.toString('hex', 0, magic.length / 2) === magic);
  if (foreign !== undefined) throw new PulseError('feed.file.format', { path, found: foreign[1] });
  if (start.includes(0)) throw new PulseError('feed.file.format', { path, found: 'holds binary data' });
  const text = start
    .toString()
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (text.startsWith('[')) throw new PulseError('feed.file.format', { path, found: 'is one JSON array' });
  // A bad first line does not make a CSV file of NDJSON.
  return !/^\s*\{/m.test(text) && /[,;\t|]/.test(text.split('\n', 1)[0]!);
}

/** Tells what is wrong with the header before anything is played; one that is not whole in the first bytes is told when it is read. */
function checkHeader(path: string, start: Buffer): void {
  const [header, rest] = start
    .toString()
    .replace(/^\uFEFF/, '')
    .trimStart()
    .split('\n', 2);
  if (rest !== undefined) csvColumns(header!, basename(path));
}

/** Capitals and digits, as in `EURUSD.fxcm.2014-05.ndjson.gz`, `BTCUSDT-trades-2024-08-08.csv` and `BTC-USD.csv`. */
function symbolOfName(path: string): string | null {
  return /^(?=\d*[A-Z])[A-Z0-9]{3,20}(?:-[A-Z]{3,5})*(?![A-Za-z0-9])/.exec(basename(path))?.[0] ?? null;
}
