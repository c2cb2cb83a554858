import type { FastifyInstance } from 'fastify';
import { InputFaults } from './faults.ts';
import { unstorable } from './unstorable.ts';

/** Reads JSON bodies, and no others. `__proto__` and `constructor.prototype` keys are refused as bad JSON is. */
export function jsonBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    // Some clients name the type of a body with every request.
    if (text === '' && request.method === 'DELETE') return done(null, undefined);
    // detached: it answers by its callback
    void parse(request, text as string, (error, body) => {
      if (error !== null) return done(error);
      const faults = unstorable(body, ['body']);
      if (faults.length > 0) return done(new InputFaults(faults));
      done(null, body);
    });
  });
}
