import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Call, Endpoint } from './endpoint.ts';
import { type Fault, InputFaults, parsed } from './faults.ts';

/** Parses everything that a request brings; rejects with all that is wrong with it. */
function inputOf({ params, query, headers, body }: Endpoint, request: FastifyRequest) {
  const faults: Fault[] = [];
  const input = {
    params: params && parsed(params, request.params, ['path'], faults),
    query: query && parsed(query, request.query, ['query'], faults),
    headers: headers && parsed(headers, request.headers, ['header'], faults),
    body: body && parsed(body, request.body, ['body'], faults),
  };
  if (faults.length > 0) throw new InputFaults(faults);
  return input;
}

function callOf(request: FastifyRequest, reply: FastifyReply): Call {
  return {
    request,
    reply,
    caller: request.caller,
    gone() {
      const controller = new AbortController();
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) controller.abort();
      });
      return controller.signal;
    },
    about(id) {
      request.subjectId = id;
    },
  };
}

/** Adds a route. Its answer is written as it is: its schema documents it. */
export function addEndpoint(
  server: FastifyInstance,
  declared: Endpoint,
  { largeBodyBytes }: { readonly largeBodyBytes: number },
): void {
  const { method, path, access, limit, audit, bodyLimit } = declared;
  server.route({
    method,
    url: path,
    config: { access, ...(limit && { limit }), ...(audit && { audit }) },
    ...(bodyLimit === 'large' && { bodyLimit: largeBodyBytes }),
    async handler(request, reply) {
      const answer = await declared.run(
        inputOf(declared, request) as Parameters<Endpoint['run']>[0],
        callOf(request, reply),
      );
      return answer === undefined ? reply.send() : answer;
    },
  });
}
