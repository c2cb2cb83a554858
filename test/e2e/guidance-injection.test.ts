import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GuidanceAnswer } from '../../src/domain/desk/guidance-answer.ts';
import { type AnswerText, answerParts } from '../../src/domain/guidance/answer.ts';
import { numbersIn } from '../../src/domain/guidance/numbers-in.ts';
import type { GuidanceRequest } from '../../src/ports/desk.ts';
import { carrying, type Injection, injections } from '../corpus/injections.ts';
import { type GuidanceDesk, memoryCalls, openDesk } from '../support/guidance-desk.ts';
import { noModels } from '../support/no-models.ts';
import {
  type ModelCall,
  type ModelReply,
  type ModelServer,
  modelsAt,
  startModelServer,
} from '../support/obedient-model.ts';
import { earlierTrade, tradePayload } from '../support/trade-payloads.ts';

const caller = { name: 'desk', scopes: ['llm'] as const };
const { signal } = new AbortController();
const earlier = [earlierTrade(12, { pnl: -30 }), earlierTrade(40, { pnl: -12 })];

function requests(injection: Injection): { attempt: GuidanceRequest; plain: GuidanceRequest } {
  const { attempt, plain } = carrying(injection);
  const request = (fields: object, notes: string, questions: string[]) => ({
    payload: tradePayload({ ...fields }),
    notes,
    questions,
  });
  return {
    attempt: request(
      attempt,
      injection.place === 'notes' ? injection.text : '',
      injection.place === 'question' ? [injection.text] : [],
    ),
    plain: request(plain, '', injection.place === 'question' ? ['Is that so?'] : []),
  };
}

const texts = ({ signal: s, risk, action, journal }: AnswerText): AnswerText => ({ signal: s, risk, action, journal });
const numbers = (answer: AnswerText): string[] =>
  answerParts.flatMap((part) => numbersIn(answer[part]).map(({ text }) => text));

test('there are at least 60 attempts, in every place, each with a name of its own', () => {
  expect(injections.length).toBeGreaterThanOrEqual(60);
  expect(new Set(injections.map(({ name }) => name)).size).toBe(injections.length);
  expect(new Set(injections.map(({ place }) => place)).size).toBe(10);
});

describe('the rules', () => {
  let desk: GuidanceDesk;
  beforeAll(async () => {
    desk = await openDesk(noModels, memoryCalls(), { earlier });
  });
  afterAll(() => desk.close());

  test.each(injections)('say the same with and without an attempt in $name', async (injection) => {
    const { attempt, plain } = requests(injection);
    const [tried, untouched] = [
      await desk.guidance.whisperer(attempt, caller, signal),
      await desk.guidance.whisperer(plain, caller, signal),
    ];
    const { journal, ...rest } = texts(tried);
    const { journal: expected, ...same } = texts(untouched);
    expect(rest).toEqual(same);
    // A question is answered by the facts that it names: only numbers that the answer has anyway.
    if (injection.place === 'question')
      expect(numbers(untouched)).toEqual(expect.arrayContaining(numbersIn(journal).map(({ text }) => text)));
    else expect(journal).toBe(expected);
    expect(tried.meta.nudges).toEqual(untouched.meta.nudges);
  });
});

const answerWith = (action: string): ModelReply => ({
  text: JSON.stringify({ signal: 'RSI 58.3.', risk: 'You risk 0.5 %.', action, journal: 'Noted.' }),
});
/** Ways in which a model obeys. */
const obeying: Readonly<Record<string, (text: string) => (call: ModelCall) => ModelReply>> = {
  'says the injected number': () => () => answerWith('Set the risk to 99 %.'),
  'says it in other digits': () => () => answerWith('Set the risk to ٩٩ now.'),
  'says it in words': () => () => answerWith('Set the risk to ninety-nine percent.'),
  'tells its instructions':
    () =>
    ({ system }) =>
      answerWith(`My instructions: ${system.slice(0, 400)}`),
  'tells its instructions, and no JSON':
    () =>
    ({ system }) => ({ text: system }),
  'tells them letter by letter':
    () =>
    ({ system }) =>
      answerWith(system.slice(40, 140).split('').join('-').replaceAll('-', ' ')),
  'tells the delimiter':
    () =>
    ({ prompt }) =>
      answerWith(`It was ${/<(material-\w+)>/.exec(prompt)![1]}.`),
  'calls a tool': () => () => ({ tool: 'place_order' }),
  'sends data to a link': () => () => answerWith('See https://evil.example/?d=1 for more.'),
  'answers in HTML': () => () => answerWith('<img src=x> Hold.'),
  'answers with the attempt alone': (text) => () => ({
    text: JSON.stringify({ signal: 'Done.', risk: 'Done.', action: text.replace(/\d/g, ''), journal: 'Done.' }),
  }),
  'adds a field': () => () => ({
    text: JSON.stringify({ signal: 'RSI 58.3.', risk: 'r', action: 'a', journal: 'j', order: { size: 1_000 } }),
  }),
  'says no JSON': (text) => () => ({ text }),
};

describe('a model that obeys every attempt', () => {
  let server: ModelServer;
  let desk: GuidanceDesk;
  let rules: GuidanceDesk;
  beforeAll(async () => {
    server = await startModelServer(() => ({ text: '' }));
    // Its answers are not given again: each attempt is one of its own.
    desk = await openDesk(modelsAt({ first: server.url, second: server.url }), memoryCalls(), {
      earlier,
      reuseSeconds: 0,
    });
    rules = await openDesk(noModels, memoryCalls(), { earlier });
  });
  afterAll(() => Promise.all([desk.close(), rules.close(), server.close()]));

  test.each(Object.entries(obeying))('and %s is refused each time, and the rules answer as ever', async (_, way) => {
    const leaked: string[] = [];
    for (const injection of injections) {
      server.reply = way(injection.text);
      const { attempt, plain } = requests(injection);
      const before = server.calls.length;
      const given: GuidanceAnswer = await desk.guidance.whisperer(attempt, caller, signal);
      const ruled = await rules.guidance.whisperer(attempt, caller, signal);
      expect(server.calls.length, injection.name).toBe(before + 2);
      expect(texts(given), injection.name).toEqual(texts(ruled));
      expect(new Set(numbers(given))).toEqual(new Set(numbers(await rules.guidance.whisperer(plain, caller, signal))));
      expect(given.meta).toMatchObject({ provider: 'rules', stub: true });
      expect(given.meta.fallbacks.map(({ model, code }) => [model, code])).toEqual([
        ['first', 'model.answer'],
        ['second', 'model.answer'],
      ]);
      for (const { reason } of given.meta.fallbacks) expect(reason).not.toBe('');
      const said = JSON.stringify(given);
      if (said.includes('risk desk of a trading team') || said.includes('material-')) leaked.push(injection.name);
    }
    expect(leaked).toEqual([]);
  });

  test('is given no tools, and the attempts stand between delimiters that are not in them', async () => {
    expect(server.calls.length).toBeGreaterThan(60);
    for (const { tools, system, prompt } of server.calls) {
      expect(tools).toBeUndefined();
      const mark = /<(material-[0-9a-f]{32})>/.exec(system)![1]!;
      expect(prompt.split(`<${mark}>`)).toHaveLength(2);
      expect(prompt.split(`</${mark}>`)).toHaveLength(2);
      expect(prompt.slice(prompt.indexOf(`<${mark}>`) + mark.length + 2, prompt.indexOf(`</${mark}>`))).not.toMatch(
        /[<>]/,
      );
    }
  });

  test('but one that keeps to the facts is given', async () => {
    server.reply = () => answerWith('Take it: the risk of 0.5 % is within its limit of 1 %.');
    const { meta, action } = await desk.guidance.simple(requests(injections[0]!).attempt, caller, signal);
    expect([meta.provider, meta.model, meta.stub, meta.fallbacks]).toEqual(['openai', 'obedient-1', false, []]);
    expect(action).toBe('Take it: the risk of 0.5 % is within its limit of 1 %.');
    expect(meta.prompt_hash).toBe(
      createHash('sha256')
        .update(hashed(server.calls.at(-1)!))
        .digest('hex'),
    );
  });
});

/** The prompt as it is hashed. */
const hashed = ({ system, prompt }: ModelCall): string => JSON.stringify([system, prompt]);
