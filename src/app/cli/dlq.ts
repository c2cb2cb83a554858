import { PulseError } from '../../domain/errors/errors.ts';
import { REJECTED_STREAM, REJECTED_TOPIC } from '../../domain/tape/rejected.ts';
import { oneLine } from '../../text/event-text.ts';
import { table } from '../../text/table.ts';
import { nearest } from '../config/nearest.ts';
import type { DeadLetter, DeadLetterPlace } from '../dead-letters/dead-letter.ts';
import { streamLetters } from '../dead-letters/stream-letters.ts';
import { topicLetters } from '../dead-letters/topic-letters.ts';
import type { Runtime } from '../host/runtime.ts';
import type { Command } from './command.ts';

export const dlqCommand: Command<'dlq'> = {
  name: 'dlq',
  summary: 'list, show and replay dead letters',
  details: `Dead letters are in <topic>.dlq and ${REJECTED_TOPIC} of the log, in <stream>:dlq and ${REJECTED_STREAM} of Redis.
Replay sends the original bytes back to where they came from. It sends each letter once.

Examples:
  pulse dlq list
  pulse dlq show ${REJECTED_TOPIC} --limit 5
  pulse dlq replay ${REJECTED_TOPIC} 0@1234 --to-place ticks.EURUSD`,
  args: [
    { name: 'action', about: 'list (default), show or replay', required: false, choices: ['list', 'show', 'replay'] },
    { name: 'place', about: 'topic or stream of dead letters', required: false },
    { name: 'id', about: 'one letter, as `show` names it', required: false },
  ],
  async run(runtime, { action = 'list', place, id }) {
    if (action === 'list' && place === undefined) return list(runtime);
    if (place === undefined)
      throw new PulseError('usage.invalid', {
        problem: `\`pulse dlq ${action}\` needs a place`,
        help: 'pulse dlq list',
      });
    const found = await findPlace(runtime, place);
    return action === 'replay' ? replay(runtime, found, id) : show(runtime, found, id);
  },
};

async function places({ engines }: Runtime): Promise<DeadLetterPlace[]> {
  const log = await engines.log();
  const streams = await engines.streams();
  const topics = (await log.topics()).filter((topic) => topic === REJECTED_TOPIC || topic.endsWith('.dlq'));
  const names = [...(await streams.streams('*:dlq')), ...(await streams.streams(REJECTED_STREAM))];
  const needs = { streams, pubSub: () => engines.pubSub() };
  return [...topics.map((topic) => topicLetters(log, topic)), ...names.map((name) => streamLetters(needs, name))];
}

async function findPlace(runtime: Runtime, name: string): Promise<DeadLetterPlace> {
  const known = await places(runtime);
  const found = known.find((place) => place.name === name);
  if (found !== undefined) return found;
  throw new PulseError('dlq.place.unknown', {
    place: name,
    nearest: nearest(
      name,
      known.map((place) => place.name),
    ),
  });
}

async function findLetter(place: DeadLetterPlace, id: string): Promise<DeadLetter> {
  const letter = await place.find(id);
  if (letter === null) throw new PulseError('dlq.letter.unknown', { place: place.name, id });
  return letter;
}

async function list(runtime: Runtime): Promise<number> {
  const rows = await Promise.all(
    (await places(runtime)).map(async (place) => {
      const [newest] = await place.newest(1);
      return {
        place: place.name,
        kind: place.kind,
        letters: await place.count(),
        newest: newest === undefined ? null : new Date(newest.at).toISOString(),
        reason: newest?.reason ?? '',
      };
    }),
  );
  if (runtime.config.values.json) runtime.terminal.out(`${JSON.stringify(rows)}\n`);
  else if (rows.length === 0) runtime.terminal.out('There are no dead letters.\n');
  else
    runtime.terminal.out(
      table(
        ['PLACE', 'KIND', 'LETTERS', 'NEWEST', 'REASON'],
        rows.map((row) => [row.place, row.kind, row.letters, row.newest ?? '-', row.reason]),
      ),
    );
  return 0;
}

async function show(runtime: Runtime, place: DeadLetterPlace, id: string | undefined): Promise<number> {
  const { values } = runtime.config;
  const letters = id === undefined ? await place.newest(values.limit) : [await findLetter(place, id)];
  for (const letter of letters)
    runtime.terminal.out(values.json ? `${JSON.stringify(asJson(place, letter))}\n` : asText(letter));
  return 0;
}

async function replay(runtime: Runtime, place: DeadLetterPlace, id: string | undefined): Promise<number> {
  const { json, limit, target } = runtime.config.values;
  const { replayed, stuck } =
    id === undefined
      ? await place.replay(limit, target, runtime.signal)
      : await place.replayOne(await findLetter(place, id), target).then(() => ({ replayed: 1, stuck: [] }));
  if (json)
    runtime.terminal.out(
      `${JSON.stringify({ place: place.name, replayed, stuck: stuck.map((letter) => letter.id) })}\n`,
    );
  else {
    runtime.terminal.out(`${replayed} replayed from ${place.name}.\n`);
    if (stuck.length > 0) {
      const ids = stuck.slice(0, 10).map((letter) => letter.id);
      runtime.terminal.out(
        `${stuck.length} do not say where they came from: ${ids.join(' ')}${stuck.length > 10 ? ' …' : ''}; replay each with --to-place.\n`,
      );
    }
  }
  return 0;
}

const isText = (payload: Buffer): boolean => Buffer.from(payload.toString()).equals(payload);

function asJson(place: DeadLetterPlace, { payload, at, ...letter }: DeadLetter): Record<string, unknown> {
  return {
    place: place.name,
    ...letter,
    at: new Date(at).toISOString(),
    ...(isText(payload) ? { payload: payload.toString() } : { payloadBase64: payload.toString('base64') }),
  };
}

function asText({ id, at, reason, message, source, payload }: DeadLetter): string {
  const bytes = isText(payload) ? oneLine(payload.toString()) : `base64 ${payload.toString('base64')}`;
  return `${id}  ${new Date(at).toISOString()}  ${reason || '-'}  from ${source || '?'}\n    ${oneLine(message)}\n    ${bytes}\n`;
}
