import type { CallToolResult, Tool as ListedTool, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Caller } from '../../../ports/caller.ts';
import { answered, demand, failed, type Report, refuseUnstorable, statusOf } from './outcome.ts';
import type { Action, Call, Tool } from './tool.ts';
import { documentTools } from './tools/documents.ts';
import { guidanceTools } from './tools/guidance.ts';
import { marketTools } from './tools/market.ts';
import { tradeTools } from './tools/trades.ts';

/** Watches over the calls that write, or ask models. */
export interface Watch {
  /** Throws where the caller may not do that now. */
  admit(action: Action, caller: Caller): void;
  /** Told once such a call has ended, also where it was refused: what it made, or null, and the status as HTTP would have it. */
  ended(action: Action, caller: Caller, id: string | null, status: number): void;
}

/** Every tool, in the order in which clients list them. */
const tools: readonly Tool[] = [...documentTools, ...tradeTools, ...marketTools, ...guidanceTools];

// In the form of the input nothing is said about further fields: answers may gain some, and clients hold them against the schema.
const schemaOf = (schema: z.ZodObject): ListedTool['inputSchema'] =>
  z.toJSONSchema(schema, { io: 'input' }) as ListedTool['inputSchema'];

/** Made once: a server lives for one request. */
const listed = tools.map(({ name, title, description, annotations, input, output, scope }) => ({
  scope,
  tool: { name, title, description, annotations, inputSchema: schemaOf(input), outputSchema: schemaOf(output) },
}));

/** As proxies log what the client gave up. */
const CANCELLED = 499;

interface ToolNeeds {
  readonly call: (signal: AbortSignal) => Call;
  readonly report: Report;
  readonly watch: Watch;
}

/** Adds the tools; the list holds those alone that the caller may use. */
export function addTools(server: McpServer, caller: Caller, needs: ToolNeeds): void {
  for (const tool of tools) {
    const { name, title, description, annotations, input, output } = tool;
    server.registerTool(
      name,
      { title, description, annotations, inputSchema: input, outputSchema: output },
      (args, { mcpReq }) => runTool(tool, args, needs.call(mcpReq.signal), needs),
    );
  }
  const allowed = listed.filter(({ scope }) => caller.scopes.includes(scope)).map(({ tool }) => tool);
  server.server.setRequestHandler('tools/list', () => ({ tools: allowed }));
}

async function runTool(
  { name, scope, action, run }: Tool,
  args: unknown,
  call: Call,
  { report, watch }: ToolNeeds,
): Promise<CallToolResult> {
  const { caller } = call;
  try {
    demand(scope, `the tool ${name}`, call);
    refuseUnstorable(args);
    if (action !== undefined) watch.admit(action, caller);
    const output = await run(args, call);
    if (action !== undefined) watch.ended(action, caller, madeBy(output), 200);
    return answered(output);
  } catch (error) {
    // Nobody waits for an answer any more, and ending the work is no fault.
    if (call.signal.aborted) {
      if (action !== undefined) watch.ended(action, caller, null, CANCELLED);
      return { isError: true, content: [{ type: 'text', text: 'cancelled' }] };
    }
    if (action !== undefined) watch.ended(action, caller, null, statusOf(error));
    return failed(name, error, report);
  }
}

/** Id of what a tool stored: a trade, or a call of guidance. */
function madeBy({ id, meta }: Readonly<Record<string, unknown>>): string | null {
  const made = id ?? (meta as { id?: unknown } | undefined)?.id;
  return typeof made === 'string' ? made : null;
}
