import { PulseError } from '../../domain/errors/errors.ts';
import { type AnswerText, answerParts } from '../../domain/guidance/answer.ts';
import type { AskModel } from '../../services/desk/guidance/ask-model.ts';
import { compare, type Pair } from '../../services/desk/guidance/compare.ts';
import { nameFor, rulesInfo } from '../../services/desk/guidance/guidance.ts';
import { RULES } from '../../services/desk/guidance/make-answer.ts';
import { type Replay, replay } from '../../services/desk/guidance/replay.ts';
import { table } from '../../text/table.ts';
import { sharedSpending, storedCall } from '../beside-up/guidance-calls.ts';
import { instrumentsOf } from '../config/instruments.ts';
import type { Runtime } from '../host/runtime.ts';
import type { Command } from './command.ts';
import { readPayloads } from './payload-lines.ts';

export const llmCommand: Command<'llm'> = {
  name: 'llm',
  summary: 'list the models of guidance, replay a call, compare answers with and without nudges',
  details: `replay shows a stored call by its meta.id and makes the answer again from the stored inputs. An answer of the rules must be the same, byte
for byte. Exit code 2: it is not.
compare reads a file with one payload in each line, asks the model once for each, and shows what nudges add. Earlier payloads of a strategy
in the file are its history. Exit code 2: a number differs.

Examples:
  pulse llm models
  pulse llm replay 018f3c5e-9a7b-7c1d-8e2f-0123456789ab
  pulse llm compare payloads.ndjson --model rules --json`,
  args: [
    {
      name: 'action',
      about: 'models (default), replay or compare',
      required: false,
      choices: ['models', 'replay', 'compare'],
    },
    { name: 'subject', about: 'the id of a call, or a file of payloads', required: false },
  ],
  async run(runtime, { action = 'models', subject }) {
    const { makeModels } = await import('../wiring/models.ts');
    const models = makeModels(runtime.config.values, { ...runtime, spending: sharedSpending(runtime) });
    if (action === 'models') return list(runtime, models);
    if (subject === undefined)
      throw new PulseError('usage.invalid', {
        problem: `\`pulse llm ${action}\` needs ${action === 'replay' ? 'the id of a call' : 'a file of payloads'}`,
        help: 'pulse llm --help',
      });
    return action === 'replay' ? again(runtime, subject, models) : pairs(runtime, subject, models);
  },
};

async function list({ config, terminal, signal }: Runtime, models: AskModel): Promise<number> {
  const all = [...(await models.models(signal)), rulesInfo];
  const rows = all.map(({ name, provider, model, reachable, detail }) => [
    name,
    provider,
    model,
    reachable ? 'yes' : `no: ${detail ?? 'unknown'}`,
  ]);
  terminal.out(
    config.values.json ? `${JSON.stringify(all)}\n` : table(['name', 'provider', 'model', 'reachable'], rows),
  );
  return 0;
}

async function again(runtime: Runtime, id: string, models: AskModel): Promise<number> {
  const { terminal, config, signal } = runtime;
  const done = await replay(await storedCall(runtime, id), models, signal);
  terminal.out(config.values.json ? `${JSON.stringify(done)}\n` : replayText(done));
  // A model may well say it otherwise a second time.
  return done.call.stub && !done.same ? 2 : 0;
}

function replayText({ call, again: made, same, samePrompt }: Replay): string {
  const head = `${call.id}  ${new Date(call.at).toISOString()}  ${call.endpoint}  by ${call.caller}`;
  const verdict = same ? 'The answer is the same, byte for byte.' : 'The answer differs.';
  const prompt = samePrompt ? '' : ' The prompt is another by now: this version of Pulse asks otherwise.';
  const sections = [section(`stored, by ${call.provider} ${call.model}`, call.answer as AnswerText)];
  if (!same) sections.push(section(`made again, by ${made.provider} ${made.model}`, made));
  return `${head}\n\n${sections.join('\n')}\n${verdict}${prompt}\n`;
}

const section = (title: string, text: AnswerText): string =>
  `${title}\n${answerParts.map((part) => `  ${part}: ${text[part]}\n`).join('')}`;

async function pairs({ terminal, config, signal }: Runtime, path: string, models: AskModel): Promise<number> {
  const name = config.values.compareModel ?? nameFor('whisperer', models);
  const known = [...models.names, RULES];
  if (!known.includes(name)) throw new PulseError('model.unknown', { model: name, known: known.join(', ') });
  const { accountCurrency } = config.values;
  const instrument = instrumentsOf(config.values);
  const compared = await compare(await readPayloads(path), models, name, { instrument, accountCurrency }, signal);
  terminal.out(config.values.json ? `${JSON.stringify(compared)}\n` : pairText(compared));
  return compared.some(({ numbersChanged }) => numbersChanged > 0) ? 2 : 0;
}

function pairText(compared: readonly Pair[]): string {
  const rows = compared.map(({ strategy, model, nudges, wordsAdded, numbersChanged }, i) => [
    i + 1,
    strategy,
    model,
    nudges.map((nudge) => nudge.name).join(', ') || '-',
    wordsAdded,
    numbersChanged,
  ]);
  const refused = compared.flatMap(({ fallbacks }, i) =>
    fallbacks.map(({ model, reason }) => `line ${i + 1}: no answer of ${model} could be used: ${reason}\n`),
  );
  const nudged = compared.filter(({ nudges }) => nudges.length > 0).length;
  const changed = compared.reduce((sum, { numbersChanged }) => sum + numbersChanged, 0);
  return `${table(['line', 'strategy', 'model', 'nudges', 'words added', 'numbers changed'], rows)}${refused.join('')}
Nudges fired on ${nudged} of ${compared.length} payloads; numbers changed: ${changed}.
`;
}
