/** The settings of where mcp2 listens, as errors name them. Apart from the server, which `pulse up` loads later than it checks the address. */
export const listenSettings = { host: '--mcp2-host (MCP2_HOST)', port: '--mcp2-port (MCP2_PORT)' };
