import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { createGzip, type Gzip } from 'node:zlib';
import { PulseError } from '../../domain/errors/errors.ts';

/** Where the bytes of a table go. */
export interface ByteSink {
  /** Resolves when there is room for more. Text is UTF-8; bytes are the caller's again once it has resolved. */
  write(data: string | Uint8Array): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

export interface WholeFileOptions {
  readonly gzip?: boolean;
}

/**
 * A file that is written under another name (`<path>.<process>.part`) and takes its own once it is whole and durable: whoever is
 * interrupted, or killed, leaves no half file that looks whole. Rejects with `file.unwritable`.
 */
export async function wholeFile(path: string, { gzip = false }: WholeFileOptions = {}): Promise<ByteSink> {
  const target = await targetOf(path);
  const temporary = `${target}.${process.pid}.part`;
  const handle = await orUnwritable(path, open(temporary, 'w'));
  return new WholeFile({ path, target, temporary, handle, gzip: gzip ? createGzip() : null });
}

interface Parts {
  /** As the user named it. */
  readonly path: string;
  readonly target: string;
  readonly temporary: string;
  readonly handle: FileHandle;
  readonly gzip: Gzip | null;
}

class WholeFile implements ByteSink {
  readonly #parts: Parts;
  /** What gzip gave and the file does not have yet. */
  #zipped: Uint8Array[] = [];
  #over = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.gzip?.on('data', (bytes: Uint8Array) => this.#zipped.push(bytes));
  }

  async write(data: string | Uint8Array): Promise<void> {
    const { path, handle, gzip } = this.#parts;
    if (gzip === null) return orUnwritable(path, handle.writeFile(data));
    await new Promise<void>((resolve, reject) => gzip.write(data, (error) => (error ? reject(error) : resolve())));
    await this.#writeZipped();
  }

  async close(): Promise<void> {
    const { path, target, temporary, handle, gzip } = this.#parts;
    if (gzip !== null) {
      await new Promise<void>((resolve, reject) => {
        gzip.once('end', resolve).once('error', reject);
        gzip.end();
      });
      await this.#writeZipped();
    }
    await orUnwritable(path, handle.sync());
    await handle.close();
    await orUnwritable(path, rename(temporary, target));
    this.#over = true;
  }

  async abort(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    const { temporary, handle, gzip } = this.#parts;
    gzip?.destroy();
    await handle.close();
    await rm(temporary, { force: true });
  }

  async #writeZipped(): Promise<void> {
    const zipped = this.#zipped;
    this.#zipped = [];
    const { path, handle } = this.#parts;
    if (zipped.length > 0) await orUnwritable(path, handle.writeFile(Buffer.concat(zipped)));
  }
}

/** Where the file will stand, links followed. A directory cannot be replaced by it, and a device or pipe must not. */
async function targetOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found === null) return path;
  if (!found.isFile())
    throw new PulseError('file.unwritable', {
      path,
      reason: found.isDirectory() ? 'it is a directory' : 'it is no regular file',
    });
  return orUnwritable(path, realpath(path));
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is a file',
  EACCES: 'the rights of its folder forbid it',
  EPERM: 'the rights of its folder forbid it',
  EROFS: 'its disk can only be read',
  ENOSPC: 'its disk is full',
};

async function orUnwritable<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new PulseError('file.unwritable', { path, reason: REASONS[code] ?? message }, { cause });
  }
}
