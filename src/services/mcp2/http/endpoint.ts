import type { z } from 'zod';
import { type Endpoint, endpoint as edgeEndpoint } from '../../../edge/endpoint.ts';

/** Groups of the API description, in the order in which it shows them. */
export const tags = ['Trades', 'Documents', 'Guidance', 'Market', 'Process'] as const;

/** What the audit tells of; calls over the Model Context Protocol have `Action` of its tools. */
export type AuditedAction =
  | 'trade.log'
  | 'document.add'
  | 'document.remove'
  | 'llm.whisperer'
  | 'llm.simple'
  | 'llm.analyze';

interface Named {
  readonly tag: (typeof tags)[number];
  readonly audit?: AuditedAction;
}

/** Declares a route of mcp2: its tag and its action are of the two lists above. */
export const endpoint: <
  P extends z.ZodType = z.ZodType<undefined>,
  Q extends z.ZodType = z.ZodType<undefined>,
  H extends z.ZodType = z.ZodType<undefined>,
  B extends z.ZodType = z.ZodType<undefined>,
>(
  declared: Endpoint<P, Q, H, B> & Named,
) => Endpoint = edgeEndpoint;
