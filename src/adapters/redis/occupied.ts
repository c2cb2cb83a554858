import { MultiErrorReply } from 'redis';
import { PulseError } from '../../domain/errors/errors.ts';

const isWrongType = (reply: unknown): boolean => String(reply).includes('WRONGTYPE');

/** `redis.occupied` where a key holds another type than Pulse reads or writes there; else the error itself. */
export function unlessOccupied(key: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof PulseError && error.code === 'redis.refused' && isWrongType(error.evidence.reason))
      throw new PulseError('redis.occupied', { keys: [key] }, { cause: error });
    throw error;
  };
}

/** The same for several commands that went together, each for one of `keys`: the others were carried out. */
export function unlessSomeOccupied(keys: readonly string[]): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof MultiErrorReply)) throw error;
    const { errorIndexes, replies } = error;
    // Of other failures the first says what they are.
    const other = errorIndexes.map((i) => replies[i]).find((reply) => !isWrongType(reply));
    if (other !== undefined) throw other;
    const occupied = new Set(errorIndexes.map((i) => keys[i]!));
    throw new PulseError('redis.occupied', { keys: [...occupied] }, { cause: error });
  };
}
