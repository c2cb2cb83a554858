import { apiKeys } from '../api-keys.ts';
import { settingsOf } from '../setting.ts';
import { int, list, text, url } from '../value-type.ts';

const setting = settingsOf('MCP2');
const services = ['up', 'mcp2'] as const;

const origin = text(
  '<origin>',
  /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/,
  'an origin such as https://desk.example, without a path',
);

export const mcp2Settings = {
  mcp2Host: setting({
    env: 'MCP2_HOST',
    flag: '--mcp2-host',
    type: text('<address>', /^[A-Za-z0-9.:_-]+$/, 'an address or host name'),
    default: '127.0.0.1',
    about: 'address on which mcp2 listens; one that is not loopback needs MCP2_API_KEY',
    services,
  }),
  mcp2Port: setting({
    env: 'MCP2_PORT',
    flag: '--mcp2-port',
    type: int({ min: 0, max: 65_535 }),
    default: 8002,
    about: 'port on which mcp2 listens; 0 takes any free one',
    services,
  }),
  mcp2Keys: setting({
    env: 'MCP2_API_KEY',
    flag: '--mcp2-api-key',
    type: apiKeys,
    otherwise: 'none: whoever reaches the address may do everything',
    secret: true,
    about:
      'keys that callers of mcp2 send as "X-API-Key: <key>" or "Authorization: Bearer <key>": <key> may do everything, <name>:<scope>+<scope>:<key> what its scopes (read, write, llm) allow; sha256=<hex> in place of a key keeps it out of the configuration; /health alone needs none',
    services,
  }),
  mcp2PublicUrl: setting({
    env: 'MCP2_PUBLIC_URL',
    flag: '--mcp2-public-url',
    type: url('http', 'https'),
    otherwise: 'the address on which it listens',
    about: 'URL at which clients reach mcp2, for example behind a proxy; its host is allowed, and links begin with it',
    services: ['up', 'mcp2', 'mcp', 'docs'],
  }),
  mcp2AllowedHosts: setting({
    env: 'MCP2_ALLOWED_HOSTS',
    flag: '--mcp2-allowed-hosts',
    type: list(text('<host>', /^[A-Za-z0-9._-]+$/, 'a host name without port')),
    otherwise: 'localhost, addresses, and the host of MCP2_PUBLIC_URL',
    about: 'additional host names that requests to mcp2 may use; others are refused, to prevent DNS rebinding',
    services,
  }),
  mcp2CorsOrigins: setting({
    env: 'MCP2_CORS_ORIGINS',
    flag: '--mcp2-cors-origins',
    type: list(origin),
    otherwise: 'none',
    about: 'origins whose pages may call mcp2 from a browser',
    services,
  }),
  mcp2RateLimit: setting({
    env: 'MCP2_RATE_LIMIT_PER_MINUTE',
    flag: '--mcp2-rate-limit',
    type: int({ min: 0 }),
    default: 60_000,
    about: 'maximum requests a minute from each key, or from each address if no key is set; 0: no limit',
    services,
  }),
  mcp2LlmRateLimit: setting({
    env: 'MCP2_LLM_RATE_LIMIT_PER_MINUTE',
    flag: '--mcp2-llm-rate-limit',
    type: int({ min: 0 }),
    default: 120,
    about: 'maximum requests for guidance a minute, which count towards that limit too; 0: no limit',
    services,
  }),
  mcp2BodyLimit: setting({
    env: 'MCP2_BODY_LIMIT_BYTES',
    flag: '--mcp2-body-limit',
    type: int({ min: 1_024, max: 64 * 1_048_576 }),
    default: 1_048_576,
    about: 'maximum size of a request in bytes; documents have a limit of their own',
    services,
  }),
  mcp2MaxConnections: setting({
    env: 'MCP2_MAX_CONNECTIONS',
    flag: '--mcp2-max-connections',
    type: int({ min: 1 }),
    default: 20_000,
    about:
      'maximum number of open connections; further ones are closed at once. The limit of open files must be at least as high',
    services,
  }),
  mcp2AuditTopic: setting({
    env: 'MCP2_AUDIT_TOPIC',
    flag: '--mcp2-audit-topic',
    type: text('<topic>', /^[A-Za-z0-9._-]{1,249}$/, 'a topic name: 1 to 249 of A–Z a–z 0–9 . _ -'),
    default: 'mcp2.audit',
    about: 'topic of the audit: who wrote what through mcp2',
    services: ['up', 'mcp2', 'mcp', 'topics'],
  }),
};
