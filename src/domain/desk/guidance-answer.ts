import { z } from 'zod';
import type { Immutable } from '../base/immutable.ts';

/** A nudge whose condition held. */
const firedNudge = z.object({
  name: z.string(),
  version: z.number(),
  hash: z.string().describe('SHA-256 of the nudge as data'),
  text: z.string(),
  why: z.string().describe('The facts on which it fired'),
});

export type FiredNudge = Immutable<z.output<typeof firedNudge>>;

const amount = z.number().nullable();

const meta = z.object({
  id: z.string().describe('Of the call, by which it can be replayed'),
  endpoint: z.string(),
  version: z.string(),
  provider: z.string(),
  model: z.string(),
  prompt_hash: z.string(),
  nudges: z.array(firedNudge),
  stub: z.boolean().describe('Whether the rules answered in place of a model'),
  latency_ms: z.number(),
  tokens: z.object({ input: amount, output: amount }),
  cost_usd: amount,
  /** Whether an earlier answer to the same prompt was given again. */
  reused: z.boolean(),
  /** Each model that was asked before the one that answered, and why it did not. */
  fallbacks: z.array(z.object({ model: z.string(), code: z.string(), reason: z.string() })),
});

export const guidanceAnswer = z.object({
  signal: z.string(),
  risk: z.string(),
  action: z.string(),
  journal: z.string(),
  meta,
});

export type GuidanceAnswer = Immutable<z.output<typeof guidanceAnswer>>;

/** A configured model. */
export const modelInfo = z.object({
  name: z.string(),
  provider: z.string(),
  model: z.string(),
  reachable: z.boolean(),
  detail: z.string().nullable().describe('Why it is not reachable, or what could not be told of it'),
});

export type ModelInfo = Immutable<z.output<typeof modelInfo>>;
