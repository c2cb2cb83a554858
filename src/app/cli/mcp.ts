import { remoteDesk } from '../../adapters/desk/mcp2.ts';
import type { Desk } from '../../ports/desk.ts';
import { runningIn } from '../host/data-dir.ts';
import type { Runtime } from '../host/runtime.ts';
import type { Command } from './command.ts';

export const mcpCommand: Command<'mcp'> = {
  name: 'mcp',
  summary: 'serve AI clients over standard input and output (Model Context Protocol)',
  details: `This uses the mcp2 at MCP2_URL. Without MCP2_URL it uses the mcp2 of the \`pulse up\` that runs in the data directory, or else
opens engines of its own. Standard output carries only the protocol; the log goes to standard error.

Examples:
  pulse mcp
  pulse mcp --mcp2-url http://127.0.0.1:8002 --mcp2-client-key $KEY`,
  async run(runtime) {
    const { serveOverStdio } = await import('./mcp-stdio.ts');
    await serveOverStdio(runtime, await deskOf(runtime));
    return 0;
  },
};

async function deskOf(runtime: Runtime): Promise<Desk> {
  const { mcp2Url, mcp2ClientKey, dataDir } = runtime.config.values;
  const address = mcp2Url ?? (await runningIn(dataDir))?.mcp2 ?? null;
  if (address !== null) return remoteDesk(address, mcp2ClientKey);
  return (await import('../wiring/desk.ts')).makeDesk(runtime).desk;
}
