import { z } from 'zod';

/** When something happened, as the answers of the desk say it. */
export const moment = z.iso.datetime().describe('ISO 8601, UTC, with milliseconds');
