import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkPromises } from '../../scripts/checks/promises.ts';

const PORT = 'export interface Log { append(records: readonly string[]): Promise<void> }\n';
const SERVICE = (line: string): string => `import type { Log } from '../ports/log.ts';
interface Needs { readonly log: Log; readonly told: (error: unknown) => void; readonly lines: string[] }
const heard: Promise<void>[] = [];
const listen = (to: () => void): void => to();
export class Bars {
  readonly #needs: Needs;
  #last: Promise<void> | null = null;
  constructor(needs: Needs) { this.#needs = needs; }
  get last(): Promise<void> | null { return this.#last; }
  async run(when: boolean): Promise<unknown> {
    const { log, told, lines } = this.#needs;
    ${line.replaceAll('\n', '\n    ')}
    return [log, told, lines, when, heard, listen];
  }
  async #write(): Promise<void> { await this.#needs.log.append([]); }
  write(): Promise<void> { return this.#write(); }
}
`;

/** What the check says of a project of its own that holds these files: `<line of run> <rule>`. */
async function rulesOf(files: Readonly<Record<string, string>>): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), 'pulse-promises-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const project = { extends: join(process.cwd(), 'tsconfig.json'), compilerOptions: { types: [] }, include: ['src'] };
  for (const [path, text] of Object.entries({ 'tsconfig.json': JSON.stringify(project), ...files })) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return checkPromises(root).map(({ path, line, rule }) => `${path}:${line - 11} ${rule}`);
}

/** One project holds all rows: the compiler starts once. */
async function rulesOfEach(lines: readonly string[]): Promise<string[][]> {
  const files = Object.fromEntries(lines.map((line, i) => [`src/bars/bars-${i}.ts`, SERVICE(line)]));
  const found = await rulesOf({ 'src/ports/log.ts': PORT, ...files });
  return lines.map((_, i) =>
    found.filter((each) => each.startsWith(`src/bars/bars-${i}.ts:`)).map((each) => each.slice(each.indexOf(':') + 1)),
  );
}

const planted: readonly (readonly [line: string, found: readonly string[]])[] = [
  ['log.append([]);', ['1 floating']],
  ['this.#needs.log.append([]);', ['1 floating']],
  ['this.#write();', ['1 floating']],
  ['if (when) this.#write();', ['1 floating']],
  ['when && this.#write();', ['1 floating']],
  ['when ? this.#write() : told(1);', ['1 floating']],
  ['this.#write().then(() => told(1));', ['1 floating']],
  ['this.#write().finally(() => told(1));', ['1 floating']],
  ['Promise.all([this.#write()]);', ['1 floating']],
  ['lines.map((line) => log.append([line]));', ['1 floating']],
  ['(async () => { await log.append([]); })();', ['1 floating']],
  ['lines.forEach(async (line) => { await log.append([line]); });', ['1 callback']],
  ['lines.forEach((line) => log.append([line]));', ['1 callback']],
  ['listen(() => this.#write());', ['1 callback']],
  ['void this.#write();', ['1 detached']],
  ['listen(() => void this.#write());', ['1 detached']],
  ['void this.#write(); // detached:', ['1 detached']],
  ['void this.#write(); // detached: a reason\nvoid this.#write();', ['2 detached']],
  ['this.#write(); // detached: a mark mends no statement', ['1 floating', '1 stale-mark']],
  ['await this.#write(); // detached: habit', ['1 stale-mark']],
];

test('finds each planted promise that nobody awaits, through ports, private methods and callbacks', async () => {
  const found = await rulesOfEach(planted.map(([line]) => line));
  expect(planted.map(([line], i) => [line, found[i]])).toEqual(planted);
});

test('lets be what is awaited, kept, handled, marked with a reason, or no promise', async () => {
  const sound = [
    'await this.#write();',
    'this.#last = this.#write();',
    'this.#last ??= this.#write();',
    'heard.push(this.#write());',
    'this.#write().catch(told);',
    'this.#write().then(() => told(1), told);',
    'this.#write().catch(told).finally(() => told(1));',
    'await Promise.all(lines.map((line) => log.append([line])));',
    'listen(() => void lines.push(""));',
    'void this.#write(); // detached: a reason',
    '// detached: a reason\nlisten(() => void this.#write());',
    '// detached: a reason\nlines.forEach((line) => log.append([line]));',
  ];
  expect(await rulesOfEach(sound)).toEqual(sound.map(() => []));
});

test('a check that would see nothing throws', async () => {
  await expect(rulesOf({})).rejects.toThrow('no project');
});
