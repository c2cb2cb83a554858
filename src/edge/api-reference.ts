import { createHash } from 'node:crypto';
import scalar from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';

const INLINE_SCRIPT = /<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g;

/** A page may run its own scripts and those that stand in it; nothing comes from, or goes to, another server. */
function policyFor(page: string): string {
  const hashes = [...page.matchAll(INLINE_SCRIPT)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src 'self' ${hashes.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** `/openapi.json`, and `/docs`, which shows it; with a key set, browsers ask for it as a password. */
export async function docsPage(server: FastifyInstance, title: string, description: unknown): Promise<void> {
  const document = JSON.stringify(description);
  server.get('/openapi.json', { config: { access: 'any-key', basic: true } }, (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(document),
  );
  // Browsers ask for it with every page, and would show a person that it is missing.
  server.get('/favicon.ico', { config: { access: 'any-key', basic: true } }, (_request, reply) =>
    reply.code(204).send(),
  );
  // detached: fastify awaits plugins
  await server.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'any-key', basic: true };
    });
    scope.addHook('onSend', async (_request, reply, payload) => {
      const type = String(reply.getHeader('content-type') ?? '');
      if (typeof payload === 'string' && type.startsWith('text/html'))
        reply.header('content-security-policy', policyFor(payload));
      return payload;
    });
    await scope.register(scalar, {
      routePrefix: '/docs',
      configuration: {
        url: '/openapi.json',
        pageTitle: title,
        withDefaultFonts: false,
        hideClientButton: true,
        telemetry: false,
        // They lead to services elsewhere.
        agent: { disabled: true },
        mcp: { disabled: true },
        showDeveloperTools: 'never',
      },
    });
  });
}
