import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { fileReason } from '../../adapters/file-reason.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { NewDocument } from '../../ports/desk.ts';

const FORMATS: Readonly<Record<string, NewDocument['format']>> = {
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.txt': 'text',
  '.html': 'html',
  '.htm': 'html',
};
export const documentExtensions = Object.keys(FORMATS).join(' ');

/** A file that may be indexed, or why not. */
export interface DocumentFile {
  readonly path: string;
  readonly skipped: string | null;
}

/** The documents among the files and below the folders, sorted, each once. A file that was named and is no document is told; in a folder it is passed over. Rejects with `document.file`. */
export async function documentFiles(paths: readonly string[]): Promise<DocumentFile[]> {
  const found = new Map<string, DocumentFile>();
  for (const path of paths) {
    const named = await stat(path).catch((cause: unknown) => {
      throw new PulseError('document.file', { path, reason: fileReason(cause) }, { cause });
    });
    const files = named.isDirectory() ? await documentsBelow(path) : [path];
    for (const file of files) {
      const skipped = formatOf(file) === null ? `not a document; those end in ${documentExtensions}` : null;
      found.set(relative('', file), { path: file, skipped });
    }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function documentsBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // Neither .git and its like nor what packages brought along is anybody's document.
    if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      found.push(...(await documentsBelow(path)));
    else if (entry.isFile() && formatOf(path) !== null) found.push(path);
  }
  return found;
}

/** Reads a file as a document. With a base its url, and thereby its identity, is the base and the path; else the path makes its id. Rejects with `document.file`, `document.too-large` or `document.empty`. */
export async function readDocument(path: string, baseUrl: string | null, maxBytes: number): Promise<NewDocument> {
  const place = relative('', path).replaceAll('\\', '/');
  const bytes = await bytesOf(path, place, maxBytes);
  let content: string;
  try {
    content = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PulseError('document.file', { path: place, reason: 'it is not UTF-8 text' }, { cause });
  }
  if (content.trim() === '') throw new PulseError('document.empty', { document: place });
  const named = baseUrl === null ? { id: documentId(place) } : { url: urlOf(baseUrl, place) };
  return { content, format: formatOf(path) ?? 'text', ...named };
}

async function bytesOf(path: string, place: string, limit: number): Promise<Buffer> {
  const unreadable = (cause: unknown): never => {
    throw new PulseError('document.file', { path: place, reason: fileReason(cause) }, { cause });
  };
  const { size } = await stat(path).catch(unreadable);
  if (size > limit) throw new PulseError('document.too-large', { document: place, bytes: size, limit });
  return readFile(path).catch(unreadable);
}

const formatOf = (path: string): NewDocument['format'] | null => FORMATS[extname(path).toLowerCase()] ?? null;

const urlOf = (base: string, place: string): string =>
  `${base.replace(/\/+$/, '')}/${place.split('/').map(encodeURIComponent).join('/')}`;

const LONGEST_ID = 100;

/** `docs/guide.md` is `docs~guide.md`. Where the path has other characters than an id may have, a digest keeps two such paths apart. */
export function documentId(place: string): string {
  const id = place.replaceAll('/', '~');
  if (/^[A-Za-z0-9._~-]+$/.test(id) && !place.includes('~') && id.length <= LONGEST_ID) return id;
  const digest = createHash('sha256').update(place).digest('hex').slice(0, 12);
  return `${id.replace(/[^A-Za-z0-9._~-]+/g, '-').slice(-LONGEST_ID)}-${digest}`;
}
