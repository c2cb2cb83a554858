import { z } from 'zod';
import { isUuid } from '../../domain/base/uuid7.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { type Endpoint, endpoint } from '../../edge/endpoint.ts';
import type { Spending } from '../../services/desk/guidance/spending.ts';
import { type GuidanceCall, type GuidanceCalls, openGuidanceCalls } from '../../stores/guidance-calls.ts';
import type { Runtime } from '../host/runtime.ts';
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

/** What models cost, in the same place; it is not opened before a model is asked. */
export function sharedSpending(runtime: Runtime): Spending {
  let opened: Promise<Spending> | null = null;
  const spending = (): Promise<Spending> => {
    opened ??= openSpending(runtime);
    return opened;
  };
  return {
    add: async (model, usd, day) => (await spending()).add(model, usd, day),
    spent: async (model, day) => (await spending()).spent(model, day),
  };
}

async function openSpending(runtime: Runtime): Promise<Spending> {
  const ask = await askUp(runtime);
  if (ask === null) return openGuidanceCalls(await runtime.engines.database());
  return {
    add: async (model, usd, day) => void (await ask('/guidance/spending', { model, usd, day })),
    spent: async (model, day) =>
      (await ask<{ usd: number }>(`/guidance/spending?model=${encodeURIComponent(model)}&day=${day}`)).usd,
  };
}

/** The paths by which other commands reach the stored calls, and what models cost, of this process. */
export const guidanceCallRoutes = (calls: () => Promise<Pick<GuidanceCalls, 'get' | 'add' | 'spent'>>): Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/guidance/calls/:id',
    access: 'any-key',
    tag: 'Commands',
    summary: 'A stored call of a model',
    params: z.object({ id: z.string() }),
    answers: { 200: { about: 'The call, or null' } },
    run: async ({ params }) => ({ call: isUuid(params.id) ? await (await calls()).get(params.id) : null }),
  }),
  endpoint({
    method: 'GET',
    path: '/guidance/spending',
    access: 'any-key',
    tag: 'Commands',
    summary: 'What a model cost on a day',
    query: z.object({ model: z.string(), day: z.string() }),
    answers: { 200: { about: 'US dollars' } },
    run: async ({ query }) => ({ usd: await (await calls()).spent(query.model, query.day) }),
  }),
  endpoint({
    method: 'POST',
    path: '/guidance/spending',
    access: 'any-key',
    tag: 'Commands',
    summary: 'Adds what a call cost',
    body: z.object({ model: z.string(), usd: z.number(), day: z.string() }),
    answers: { 200: { about: 'It was added' } },
    async run({ body }) {
      await (await calls()).add(body.model, body.usd, body.day);
      return { added: true };
    },
  }),
];
