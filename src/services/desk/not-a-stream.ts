import { PulseError } from '../../domain/errors/errors.ts';

/** A key of another type is there under the name: that is the caller's slip, no fault of Redis. */
export function notAStream(error: unknown, stream: string): unknown {
  if (
    error instanceof PulseError &&
    error.code === 'redis.refused' &&
    String(error.evidence.reason).includes('WRONGTYPE')
  )
    return new PulseError('stream.other', { stream }, { cause: error });
  return error;
}
