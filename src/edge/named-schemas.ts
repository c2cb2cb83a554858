import { z } from 'zod';

/** Schemas that the API description names: bodies of requests, and of answers. */
export const requestSchemas = z.registry<{ id: string }>();
export const answerSchemas = z.registry<{ id: string }>();

// What every listener answers with where it does not do what was asked.
answerSchemas.add(
  z.object({
    detail: z.string().describe('What went wrong, for people; X-Pulse-Error has the code, where it has one'),
  }),
  { id: 'Problem' },
);

answerSchemas.add(
  z.object({
    detail: z.array(
      z.object({
        loc: z
          .array(z.union([z.string(), z.number()]))
          .describe('Where: body, query, path or header, then the way to it'),
        msg: z.string(),
        type: z.string(),
      }),
    ),
  }),
  { id: 'Faults' },
);
