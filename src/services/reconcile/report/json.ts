import type { SessionReport } from '../../../domain/parity/parity-report.ts';

/** The reports as they are, indented; moments are epoch milliseconds. */
export const reportJson = (reports: readonly SessionReport[]): string => `${JSON.stringify({ reports }, null, 2)}\n`;
