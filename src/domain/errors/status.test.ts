import { expect, test } from 'vitest';
import { type ErrorCode, PulseError } from './errors.ts';

test.each([
  'redis.unavailable',
  'redis.full',
  'redis.busy',
  'database.unavailable',
  'database.full',
  'database.busy',
  'disk.unwritable',
  'database.refused',
  'log.unavailable',
  'config.missing',
] as const satisfies ErrorCode[])('%s, on which a request cannot be served, is told with 503 and not as a defect', (code) => {
  expect(new PulseError(code, {}).status).toBe(503);
});
