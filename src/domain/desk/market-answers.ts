import { z } from 'zod';
import type { Immutable } from '../base/immutable.ts';

/** Bars that are no longer the source: readers take them from `by`, since `since` (ISO 8601; null: always). */
const superseded = z.object({ by: z.string(), since: z.string().nullable(), note: z.string() });

export type Superseded = Immutable<z.output<typeof superseded>>;

export const streamEntries = z.object({
  stream: z.string(),
  superseded: superseded
    .optional()
    .describe("Of the incumbent's bars, once readers were switched away from them: they are no longer the source"),
  entries: z.array(z.object({ id: z.string(), fields: z.record(z.string(), z.string()) })),
});

export type StreamEntries = Immutable<z.output<typeof streamEntries>>;

const servedBar = z.object({
  ts: z.number().describe('Start, epoch seconds'),
  o: z.number(),
  h: z.number(),
  l: z.number(),
  c: z.number(),
  v: z.number(),
  n: z.number().nullable().describe('Ticks'),
});

export type ServedBar = Immutable<z.output<typeof servedBar>>;

export const servedBars = z.object({
  symbol: z.string(),
  tf: z.string(),
  source: z.string().describe('redis: the incumbent; kafka: the candidate'),
  bars: z.array(servedBar),
});

export type ServedBars = Immutable<z.output<typeof servedBars>>;

/** Gate, bar source and newest sessions. */
export const parityReading = z.record(z.string(), z.unknown());

export type ParityReading = Immutable<z.output<typeof parityReading>>;
