import type { Command } from './command.ts';

export const mcp2Command: Command<'mcp2'> = {
  name: 'mcp2',
  summary: 'serve the HTTP API and the MCP server: trades, documents, guidance, the tape',
  details: `The server listens on port 8002. /docs lists every route, and /mcp is for AI clients. Trade payloads are kept in Redis and forwarded to Kafka, documents
and guidance in Postgres. Run as many as you like on the same engines. docs/runbooks/mcp2.md says more.

Examples:
  REDIS_URL=redis://localhost:6379 KAFKA_BOOTSTRAP_SERVERS=localhost:9092 \\
    PG_DSN=postgres://user:password@localhost/pulse MCP2_API_KEY=… pulse mcp2
  pulse mcp2 --mcp2-port 0`,
  async run(runtime) {
    // Not loaded for other commands: what speaks HTTP, MCP and with models takes a third of a second and 80 MB.
    const { serveMcp2 } = await import('../wiring/mcp2.ts');
    const { listener, hosted, engineReports } = serveMcp2(runtime);
    return runtime.serve(hosted, { listeners: () => [listener], otherReports: engineReports });
  },
};
