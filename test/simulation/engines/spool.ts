import type { Spool, Spooled } from '../../../src/ports/spool.ts';
import type { Life } from '../life.ts';

/** The disk of a process: what of its spool outlives it. */
export class SpoolDisk {
  entries: Spooled[] = [];
  note: string | null = null;
  full = false;
  /** Told when it took nothing because it is full. */
  onRefused: (() => void) | null = null;
}

/** A spool on such a disk, in one life: its view moves at once, the disk a while later; what a kill meets in between is there or not. */
export function simulatedSpool(disk: SpoolDisk, life: Life): Spool {
  let view = [...disk.entries];
  let note = disk.note;
  const { scheduler, random } = life.nature;
  let lastWrite = 0;

  /** Writes to disk in the order of the calls; each whole or not at all. */
  function write(label: string, commit: () => void): Promise<void> {
    const full = `${life.name} disk ${label}`;
    lastWrite = Math.max(lastWrite, scheduler.now + 0.5 + random.next() * 4);
    let failure: Error | null = null;
    return new Promise((resolve, reject) => {
      scheduler.at(lastWrite, full, () => {
        if (!life.alive && random.next() < 0.5) return;
        if (disk.full && label !== 'drop') {
          failure = new Error('ENOSPC: no space left on device');
          disk.onRefused?.();
        } else commit();
        life.arrive(full, () => (failure === null ? resolve() : reject(failure)));
      });
    });
  }

  return {
    async append(entries) {
      const batch = [...entries];
      await write('append', () => disk.entries.push(...batch));
      view.push(...batch);
    },
    read: (skip, max) => view.slice(Math.max(0, skip), Math.max(0, skip) + max),
    get firstMark() {
      const at = view.findIndex((entry) => 'gap' in entry);
      return at === -1 ? null : at;
    },
    async drop(count) {
      const gone = Math.min(count, view.length);
      view = view.slice(gone);
      await write('drop', () => void disk.entries.splice(0, gone));
    },
    get size() {
      return view.length;
    },
    note: () => note,
    async setNote(text) {
      await write('note', () => {
        disk.note = text;
      });
      note = text;
    },
    close: () => Promise.resolve(),
  };
}
