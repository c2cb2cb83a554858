import type { IndexedDocument } from '../../domain/desk/document.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Documents } from '../../ports/desk.ts';
import { oneLine } from '../../text/event-text.ts';
import { table } from '../../text/table.ts';
import { documentsOf } from '../beside-up/documents-access.ts';
import type { Runtime } from '../host/runtime.ts';
import type { Command } from './command.ts';
import { documentExtensions, documentFiles, readDocument } from './document-files.ts';

const actions = ['index', 'list', 'search', 'remove'] as const;
type Action = (typeof actions)[number];

/** What the audit log of mcp2 calls a person at the command line. */
const CALLER = { name: 'command line', scopes: ['read', 'write'] as const };

export const docsCommand: Command<'docs'> = {
  name: 'docs',
  summary: 'index documents, and search them',
  details: `Files (${documentExtensions}) are named by their path from the working directory, so run this in the same folder
each time. A file that has not changed is not indexed again.

Examples:
  pulse docs index docs README.md
  pulse docs index docs --base-url https://example.org/handbook
  pulse docs search '"trailing stop" profit -crypto'
  pulse docs remove docs~guide.md`,
  args: [
    { name: 'action', about: 'index, list (default), search or remove', required: false, choices: actions },
    { name: 'what', about: 'files and folders, words to search for, or ids', required: false, variadic: true },
  ],
  async run(runtime, { action = 'list' }, what) {
    const chosen = action as Action;
    if (what.length === 0 && chosen !== 'list')
      throw new PulseError('usage.invalid', {
        problem: `\`pulse docs ${action}\` needs ${NEEDS[chosen]}`,
        help: 'pulse docs --help',
      });
    return run[chosen](runtime, await documentsOf(runtime), what);
  },
};

const NEEDS = { index: 'files or folders', search: 'words', remove: 'ids', list: 'nothing' } as const;

type Run = (runtime: Runtime, documents: Documents, what: readonly string[]) => Promise<number>;

const run: Readonly<Record<Action, Run>> = { index, list, search, remove };

async function index(
  { config, terminal, signal }: Runtime,
  documents: Documents,
  paths: readonly string[],
): Promise<number> {
  const { json, baseUrl, documentMaxBytes } = config.values;
  const counts: Record<IndexedDocument['change'], number> = { added: 0, updated: 0, unchanged: 0 };
  const skipped: { path: string; reason: string }[] = [];
  for (const file of await documentFiles(paths)) {
    if (signal.aborted) break;
    const reason = file.skipped ?? (await indexFile(documents, file.path, baseUrl, documentMaxBytes, counts));
    if (reason !== null) skipped.push({ path: file.path, reason });
  }
  if (json) terminal.out(`${JSON.stringify({ ...counts, skipped })}\n`);
  else {
    for (const { path, reason } of skipped) terminal.out(`skipped ${path}: ${oneLine(reason)}\n`);
    terminal.out(
      `${counts.added} added, ${counts.updated} updated, ${counts.unchanged} unchanged, ${skipped.length} skipped\n`,
    );
  }
  return skipped.length > 0 ? 65 : 0;
}

/** Why the file was skipped, or null. What keeps every file out, such as a database that is away, ends the command. */
async function indexFile(
  documents: Documents,
  path: string,
  baseUrl: string | null,
  maxBytes: number,
  counts: Record<IndexedDocument['change'], number>,
): Promise<string | null> {
  try {
    const { change } = await documents.add(await readDocument(path, baseUrl, maxBytes), CALLER);
    counts[change] += 1;
    return null;
  } catch (error) {
    if (error instanceof PulseError && (error.code.startsWith('document.') || isAboutTheDocument(error)))
      return error.message;
    throw error;
  }
}

const isAboutTheDocument = ({ code, evidence }: PulseError): boolean =>
  code === 'mcp2.refused' && [400, 413, 422].includes(Number(evidence.status));

async function list({ config, terminal }: Runtime, documents: Documents): Promise<number> {
  const found = await documents.list(config.values.limit, 0);
  if (config.values.json) terminal.out(`${JSON.stringify(found)}\n`);
  else if (found.length === 0) terminal.out('There are no documents; add some by `pulse docs index <paths…>`.\n');
  else
    terminal.out(
      table(
        ['ID', 'TITLE', 'INDEXED'],
        found.map(({ id, title, indexed_at }) => [id, oneLine(title), indexed_at]),
      ),
    );
  return 0;
}

async function search({ config, terminal }: Runtime, documents: Documents, words: readonly string[]): Promise<number> {
  const { limit, json } = config.values;
  const page = await documents.search(words.join(' '), limit, 0);
  if (json) terminal.out(`${JSON.stringify(page)}\n`);
  else {
    if (page.corrected !== null) terminal.out(`Searched for: ${page.corrected}\n`);
    terminal.out(page.total === 0 ? 'Nothing was found.\n' : `${page.total} found\n`);
    for (const { id, title, snippet } of page.results)
      terminal.out(`\n${id}  ${oneLine(title)}\n    ${plain(snippet)}\n`);
  }
  return 0;
}

const MARK = /<\/?mark>/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

const plain = (snippet: string): string =>
  oneLine(snippet.replace(MARK, '').replace(/&(amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]!));

async function remove({ config, terminal }: Runtime, documents: Documents, ids: readonly string[]): Promise<number> {
  for (const id of ids) await documents.remove(id, CALLER);
  terminal.out(config.values.json ? `${JSON.stringify({ removed: ids.length })}\n` : `${ids.length} removed\n`);
  return 0;
}
