import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Coverage } from './contract.ts';

/** The adapters of each port, from a folder such as `src/adapters`: port to the names of its adapters. */
export function adaptersIn(folder: string): Map<string, string[]> {
  const ports = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map(ports.map(({ name }) => [name, adaptersOf(join(folder, name))]));
}

/** The adapter of a port whose engine is simulated. */
const SIMULATED = 'simulated';

/** Adds to `adapters` those of the simulation: a file for a port, in a folder such as `test/simulation/engines`. */
export function withSimulated(adapters: ReadonlyMap<string, string[]>, folder: string): Map<string, string[]> {
  const files = new Set(readdirSync(folder));
  return new Map([...adapters].map(([port, names]) => [port, files.has(`${port}.ts`) ? [...names, SIMULATED] : names]));
}

/** What keeps the contract of a port without an adapter: the rules themselves. */
const LOCAL = 'local';

/** Adds to `adapters` the services that are what a port tells of: a folder of the port's name, in a folder such as `src/services`. */
export function withLocal(adapters: ReadonlyMap<string, string[]>, folder: string): Map<string, string[]> {
  const services = new Set(readdirSync(folder));
  return new Map([...adapters].map(([port, names]) => [port, services.has(port) ? [LOCAL, ...names] : names]));
}

function fileOf(port: string, adapter: string): string {
  if (adapter === SIMULATED) return `test/simulation/engines/${port}.ts`;
  return adapter === LOCAL ? `src/services/${port}` : `src/adapters/${port}/${adapter}.ts`;
}

/** A file that no other file of its folder imports is an adapter; the others are its parts. */
function adaptersOf(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const parts = new Set(files.flatMap((file) => importsOf(join(folder, file))));
  return files.filter((file) => !parts.has(file)).map((file) => file.slice(0, -'.ts'.length));
}

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from |new URL\()'\.\/([\w.-]+\.ts)'/g)].map(([, name]) => name!);

/** Why a port needs no contract, and what tests its adapters instead: a file, and what in it does. */
export interface Exemption {
  readonly reason: string;
  readonly tests: readonly (readonly [file: string, text: string])[];
}

/** Text of a file by its path from the root of the project; null where there is none. */
export type ReadFile = (path: string) => string | null;

/**
 * What is missing, a line each: adapters without a suite, cases that do not run against an adapter, waivers without a reason.
 * `without` names the ports that need no contract; what it says of them is looked up with `read`.
 */
export function complaints(
  adapters: ReadonlyMap<string, readonly string[]>,
  coverage: readonly Coverage[],
  without: Readonly<Record<string, Exemption>>,
  read: ReadFile,
): string[] {
  const found: string[] = [];
  const ports = new Set(coverage.map(({ port }) => port));
  for (const [port, names] of adapters) {
    const exemption = without[port];
    if (exemption !== undefined) {
      if (ports.has(port)) found.push(`${port} has a contract: it can't stand among the ports without one`);
      found.push(...untrue(port, exemption, read));
      continue;
    }
    if (names.length > 0 && !ports.has(port))
      found.push(`${port} has no contract: write test/contract/${port}.contract.ts and ${port}.test.ts`);
    else
      found.push(
        ...missingIn(
          port,
          names,
          coverage.filter((c) => c.port === port),
        ),
      );
  }
  for (const port of Object.keys(without))
    if (!adapters.has(port)) found.push(`${port} stands among the ports without a contract, but has no adapter`);
  return found;
}

function untrue(port: string, { reason, tests }: Exemption, read: ReadFile): string[] {
  if (reason.trim() === '' || tests.length === 0)
    return [`${port} stands among the ports without a contract, but nothing says why, or what tests it`];
  return tests
    .filter(([file, text]) => read(file)?.includes(text) !== true)
    .map(([file, text]) => `${port} is said to be tested by ${file}, but that has no ${text}`);
}

function missingIn(port: string, names: readonly string[], coverage: readonly Coverage[]): string[] {
  const promises = [...new Set(coverage.map(({ promise }) => promise))];
  const missing = names.flatMap((adapter) => {
    const run = new Set(coverage.filter((c) => c.adapter === adapter).map(({ promise }) => promise));
    if (run.size === 0)
      return [
        `${fileOf(port, adapter)} is left out of test/contract/${port}.test.ts (a part of an adapter is imported by it)`,
      ];
    return promises
      .filter((promise) => !run.has(promise))
      .map((promise) => `${port}: "${promise}" does not run against ${adapter}`);
  });
  const strangers = [...new Set(coverage.map(({ adapter }) => adapter))].filter((adapter) => !names.includes(adapter));
  return [
    ...missing,
    ...strangers.map(
      (adapter) => `test/contract/${port}.test.ts names ${adapter}, but there is no ${fileOf(port, adapter)}`,
    ),
    ...coverage
      .filter(({ waived }) => waived?.trim() === '')
      .map(({ adapter, promise }) => `${port}: the waiver of "${adapter}: ${promise}" gives no reason`),
  ];
}
