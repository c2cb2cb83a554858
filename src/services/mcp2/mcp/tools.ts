import type { Tool as ListedTool, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { answered, demand, failed, type Report } from './outcome.ts';
import type { Call, Tool } from './tool.ts';
import { documentTools } from './tools/documents.ts';
import { guidanceTools } from './tools/guidance.ts';
import { marketTools } from './tools/market.ts';
import { tradeTools } from './tools/trades.ts';

/** Every tool, in the order in which clients list them. */
export const tools: readonly Tool[] = [...documentTools, ...tradeTools, ...marketTools, ...guidanceTools];

// In the form of the input nothing is said about further fields: answers may gain some, and clients hold them against the schema.
const schemaOf = (schema: z.ZodObject): ListedTool['inputSchema'] =>
  z.toJSONSchema(schema, { io: 'input' }) as ListedTool['inputSchema'];

/** Made once: a server lives for one request. */
const listed = tools.map(({ name, title, description, annotations, input, output, scope }) => ({
  scope,
  tool: { name, title, description, annotations, inputSchema: schemaOf(input), outputSchema: schemaOf(output) },
}));

/** Adds the tools; the list holds those alone that the caller may use. */
export function addTools(server: McpServer, call: (signal: AbortSignal) => Call, report: Report): void {
  const { caller } = call(new AbortController().signal);
  for (const { name, title, description, annotations, input, output, scope, run } of tools) {
    server.registerTool(
      name,
      { title, description, annotations, inputSchema: input, outputSchema: output },
      async (args, { mcpReq }) => {
        try {
          demand(scope, `the tool ${name}`, { caller });
          return answered(await run(args, call(mcpReq.signal)));
        } catch (error) {
          return failed(name, error, report);
        }
      },
    );
  }
  const allowed = listed.filter(({ scope }) => caller.scopes.includes(scope)).map(({ tool }) => tool);
  server.server.setRequestHandler('tools/list', () => ({ tools: allowed }));
}
