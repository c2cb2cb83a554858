import { readdirSync, readFileSync } from 'node:fs';

/** What a process and all that it started take, as the kernel counts it. */
export interface Taken {
  /** Processor time since their starts, milliseconds. */
  readonly processorMs: number;
  /** Memory that is resident now, bytes. */
  readonly resident: number;
  /** Of that what no file backs: heap, WASM, stacks. The rest the system takes back when it needs it. */
  readonly own: number;
}

/** The kernel counts processor time in hundredths of a second, whatever its own clock. */
const TICK_MS = 10;

/** What the tree below `pid` takes, `pid` included; of processes that have ended, what those that are left waited for. */
export function takenBy(pid: number): Taken {
  let [processorMs, resident, own] = [0, 0, 0];
  for (const each of treeOf(pid)) {
    const fields = statOf(each);
    if (fields === null) continue;
    const count = (index: number): number => Number(fields[index]);
    // utime, stime, and those of children that were waited for: fields 14 to 17 of proc_pid_stat(5), of which 3 are cut off here.
    processorMs += (count(11) + count(12) + count(13) + count(14)) * TICK_MS;
    const status = read(`/proc/${each}/status`) ?? '';
    resident += bytesOf('VmRSS', status);
    own += bytesOf('RssAnon', status);
  }
  return { processorMs, resident, own };
}

function treeOf(pid: number): number[] {
  const below = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))?.[1]);
    below.set(parent, [...(below.get(parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const each of tree) tree.push(...(below.get(each) ?? []));
  return tree;
}

/** The fields from the third on (the second may hold spaces); null where the process has ended. */
function statOf(pid: number): string[] | null {
  const text = read(`/proc/${pid}/stat`);
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function bytesOf(field: string, status: string): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status);
  return line === null ? 0 : Number(line[1]) * 1_024;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended between the look at the folder and this one.
    return null;
  }
}
