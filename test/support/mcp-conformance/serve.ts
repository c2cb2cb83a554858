import { McpServer } from '@modelcontextprotocol/server';
import { mountMcp } from '../../../src/services/mcp2/mcp/http.ts';
import { startEdge } from '../mcp2-edge.ts';
import { addContent } from './content.ts';
import { addAsking, stateCodec } from './input-required.ts';

/**
 * Serves, through the edge and the mount that `pulse mcp2` has, what the conformance suite asks for by fixed names, until standard input
 * ends. Prints its address.
 */
const report = (): void => undefined;

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

const edge = await startEdge({ needs: { mounts: [mountMcp(fixture, report)] } });
process.stdout.write(`${edge.address}/mcp\n`);
process.stdin.resume().once('end', () => edge.close()); // detached: the process ends with it
