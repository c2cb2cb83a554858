import { McpServer } from '@modelcontextprotocol/server';
import { mountMcp } from '../../../src/services/mcp2/mcp/http.ts';
import { mcpServer } from '../../../src/services/mcp2/mcp/server.ts';
import { fakeParts, samplePayload } from '../fake-parts.ts';
import { startEdge } from '../mcp2-edge.ts';
import { addContent } from './content.ts';
import { addAsking, stateCodec } from './input-required.ts';

/**
 * Serves, through the edge and the mount that `pulse mcp2` has, two MCP servers for the conformance suite until standard input ends:
 * `/mcp` is Pulse's own, `/fixture` offers what the suite asks for by fixed names. Prints both addresses.
 */
const parts = fakeParts();
await parts.documents.add({ content: 'a retest', format: 'text', id: 'plain' }, { name: 'suite', scopes: [] });
await parts.trades.log(samplePayload as never, { name: 'suite', scopes: [] }, null);

const report = (): void => undefined;
const watch = { admit: report, ended: report };

function fixture(): McpServer {
  const server = new McpServer(
    { name: 'pulse-conformance', version: '1.0.0' },
    {
      capabilities: {
        logging: {},
        tools: { listChanged: false },
        resources: { listChanged: false },
        prompts: { listChanged: false },
      },
      requestState: { verify: stateCodec.verify },
    },
  );
  addContent(server);
  addAsking(server);
  return server;
}

const edge = await startEdge({
  needs: {
    parts,
    mounts: [
      mountMcp((caller, gone) => mcpServer({ parts, version: '1.0.0', report, watch }, caller, gone), report),
      mountMcp(fixture, report, { path: '/fixture' }),
    ],
  },
});
process.stdout.write(`${edge.address}/mcp ${edge.address}/fixture\n`);
process.stdin.resume().once('end', () => edge.close());
