import { editDistance } from '../../domain/base/edit-distance.ts';

/** The known name that is closest to `name`, or null where none is close. */
export function nearest(name: string, known: Iterable<string>): string | null {
  const wanted = fold(name);
  let best: string | null = null;
  let least = Math.max(2, Math.floor(wanted.length * 0.4)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, fold(candidate));
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** A name in the file is often written as the variable is, and the other way round. */
const fold = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
