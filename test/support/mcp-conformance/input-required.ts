import {
  acceptedContent,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';

const form = (message: string, field: string, type: 'string' | 'boolean' = 'string') =>
  inputRequired.elicit({
    message,
    requestedSchema: {
      type: 'object',
      properties: { [field]: type === 'boolean' ? { type } : { type } },
      required: [field],
    },
  });
const sample = (question: string) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: question } }],
    maxTokens: 100,
  });
const done = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });

/** Signs the state of tools that ask in several rounds. */
export const stateCodec = createRequestStateCodec<string>({ key: new Uint8Array(32).fill(7) });

const has = ({ mcpReq }: ServerContext, key: string): boolean =>
  inputResponse(mcpReq.inputResponses, key).kind !== 'missing';
const nameIn = ({ mcpReq }: ServerContext): string | undefined =>
  acceptedContent<{ name?: string }>(mcpReq.inputResponses, 'user_name')?.name;

/** The tools and the prompt that ask the client for something, as the conformance suite looks for them. */
export function addAsking(server: McpServer): void {
  const tool = (suffix: string, run: Parameters<typeof server.registerTool>[2]) =>
    server.registerTool(`test_${suffix}`, { description: `asks the client: ${suffix}` }, run as never);
  const asks = (suffix: string, run: (ctx: ServerContext) => unknown) =>
    tool(`input_required_result_${suffix}`, run as never);

  asks('elicitation', (ctx) => {
    const name = nameIn(ctx);
    return name === undefined
      ? inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } })
      : done(`Hello, ${name}!`);
  });
  asks('sampling', (ctx) => {
    const given = inputResponse(ctx.mcpReq.inputResponses, 'capital_question');
    return given.kind === 'sampling'
      ? done(JSON.stringify(given.result.content))
      : inputRequired({ inputRequests: { capital_question: sample('What is the capital of France?') } });
  });
  asks('list_roots', (ctx) => {
    const given = inputResponse(ctx.mcpReq.inputResponses, 'client_roots');
    return given.kind === 'roots'
      ? done(given.roots.map(({ uri }) => uri).join(' '))
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  });
  for (const suffix of ['request_state', 'tampered_state'])
    asks(suffix, async (ctx) =>
      ctx.mcpReq.requestState() === 'asked' && has(ctx, 'confirm')
        ? done('state-ok')
        : inputRequired({
            inputRequests: { confirm: form('Please confirm', 'ok', 'boolean') },
            requestState: await stateCodec.mint('asked'),
          }),
    );
  asks('multiple_inputs', async (ctx) =>
    ['user_name', 'greeting', 'client_roots'].every((key) => has(ctx, key))
      ? done('all given')
      : inputRequired({
          inputRequests: {
            user_name: form('What is your name?', 'name'),
            greeting: sample('Generate a greeting'),
            client_roots: inputRequired.listRoots(),
          },
          requestState: await stateCodec.mint('asked'),
        }),
  );
  asks('multi_round', async (ctx) => {
    if (ctx.mcpReq.requestState() === 'second' && has(ctx, 'step2')) return done('both steps done');
    const first = !has(ctx, 'step1');
    return inputRequired({
      inputRequests: first
        ? { step1: form('Step 1: What is your name?', 'name') }
        : { step2: form('Step 2: What is your favorite color?', 'color') },
      requestState: await stateCodec.mint(first ? 'first' : 'second'),
    });
  });
  asks('capabilities', () => {
    const can = server.server.getClientCapabilities() ?? {};
    return inputRequired({
      inputRequests: {
        ...(can.elicitation !== undefined && { name: form('What is your name?', 'name') }),
        ...(can.sampling !== undefined && { greeting: sample('Generate a greeting') }),
      },
    });
  });
  tool('streaming_elicitation', ((ctx: ServerContext) =>
    nameIn(ctx) === undefined
      ? inputRequired({ inputRequests: { user_name: form('What is your name?', 'name') } })
      : done('thanks')) as never);
  tool('missing_capability', (() => inputRequired({ inputRequests: { question: sample('Anything?') } })) as never);
  server.registerPrompt('test_input_required_result_prompt', { description: 'asks for its context' }, (ctx) => {
    const given = acceptedContent<{ context?: string }>(ctx.mcpReq.inputResponses, 'user_context');
    return given?.context === undefined
      ? inputRequired({ inputRequests: { user_context: form('What context should the prompt use?', 'context') } })
      : { messages: [{ role: 'user', content: { type: 'text', text: given.context } }] };
  });
}
