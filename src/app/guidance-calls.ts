import { PulseError } from '../domain/errors.ts';
import { isUuid } from '../domain/uuid7.ts';
import { type GuidanceCall, type GuidanceCalls, openGuidanceCalls } from '../stores/guidance-calls.ts';
import type { Routes } from './http-server.ts';
import type { Runtime } from './runtime.ts';
import { askUp } from './up-client.ts';

/** The stored call of an id, from the command's own database, or from the `pulse up` which holds the embedded one. Rejects with `guidance.none`. */
export async function storedCall(runtime: Runtime, id: string): Promise<GuidanceCall> {
  const ask = isUuid(id) ? await askUp(runtime) : null;
  const call = !isUuid(id)
    ? null
    : ask === null
      ? await (await openGuidanceCalls(await runtime.engines.database())).get(id)
      : (await ask<{ call: GuidanceCall | null }>(`/guidance/calls/${id}`)).call;
  if (call === null) throw new PulseError('guidance.none', { id });
  return call;
}

/** The path by which other commands reach the stored calls of this process. */
export const guidanceCallRoutes =
  (calls: () => Promise<Pick<GuidanceCalls, 'get'>>): Routes =>
  (server) => {
    server.get<{ Params: { id: string } }>('/guidance/calls/:id', async ({ params }) => ({
      call: isUuid(params.id) ? await (await calls()).get(params.id) : null,
    }));
  };
