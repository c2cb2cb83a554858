import type { FastifyInstance, RouteOptions } from 'fastify';
import { Refusal } from './refusals.ts';

/** Paths that there are, and what may be asked of each; gathered from every route that is added, mounted ones included. */
export function routeTable(server: FastifyInstance) {
  const methods = new Map<string, Set<string>>();
  let patterns: { readonly url: string; readonly matches: RegExp }[] | null = null;
  server.addHook('onRoute', ({ url, method }: RouteOptions) => {
    const known = methods.get(url) ?? new Set();
    for (const each of Array.isArray(method) ? method : [method]) known.add(each);
    methods.set(url, known);
    patterns = null;
  });
  const all = () =>
    (patterns ??= [...methods.keys()]
      // What is literal goes first, as in the router.
      .sort((a, b) => a.split(':').length - b.split(':').length)
      .map((url) => ({ url, matches: new RegExp(`^${url.replace(/:[A-Za-z]+/g, '[^/]+').replace(/\*/g, '.*')}/?$`) })));

  return {
    /** The pattern that the path of a request fits, whatever its method; null: none. */
    find: (path: string): string | null => all().find(({ matches }) => matches.test(path))?.url ?? null,
    allow: (url: string): string => [...(methods.get(url) ?? []), 'OPTIONS'].join(', '),
  };
}
export type RouteTable = ReturnType<typeof routeTable>;

/** What answers a request that fits no route. */
export function noRoute(
  method: string,
  path: string,
  pattern: string | null,
  { table, hasDocs }: { readonly table: RouteTable; readonly hasDocs: boolean },
): Refusal {
  if (pattern === null)
    return new Refusal(404, 'route', `there is no ${path}${hasDocs ? '; GET /docs shows what there is' : ''}`);
  const allow = table.allow(pattern);
  return new Refusal(405, 'method', `${method} is not allowed for ${pattern}; allowed are ${allow}`, { allow });
}
