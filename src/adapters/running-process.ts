import { readFileSync } from 'node:fs';

/** A process, told from a later one with the same pid. */
export interface ProcessMark {
  readonly pid: number;
  /** When it began, in the kernel's own count; null where the system does not say. */
  readonly birth: string | null;
  /** Which start of the system it is of: in a container that starts with it, a process may well get the same pid at the same count. */
  readonly boot?: string | null;
}

export const ownMark = (): ProcessMark => ({ pid: process.pid, birth: birthOf(process.pid), boot: bootId() });

export function isRunning({ pid, birth, boot }: ProcessMark): boolean {
  if (boot && boot !== bootId()) return false;
  if (pid === process.pid) return birth === birthOf(pid);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return birth === null || birthOf(pid) === birth;
}

/** It is the same for as long as this process lives, and whoever holds a lease asks each second: read once. */
let knownBootId: string | null | undefined;

function bootId(): string | null {
  if (knownBootId === undefined) knownBootId = readBootId();
  return knownBootId;
}

function readBootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Not Linux.
    return null;
  }
}

/** Field 22 of /proc/<pid>/stat: start time in ticks since the system started; fields are counted after the name, which may hold spaces. */
function birthOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    // Not Linux, or the process is gone.
    return null;
  }
}
