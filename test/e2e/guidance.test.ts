import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../../src/adapters/database/pglite.ts';
import { PulseError } from '../../src/domain/errors/errors.ts';
import { answerParts } from '../../src/domain/guidance/answer.ts';
import type { Database } from '../../src/ports/database.ts';
import { replay } from '../../src/services/desk/guidance/replay.ts';
import { type GuidanceCalls, openGuidanceCalls } from '../../src/stores/guidance-calls.ts';
import { type OpenDatabase, onBothDatabases } from '../support/both-databases.ts';
import { Shell } from '../support/command-line.ts';
import { memoryCalls, openDesk } from '../support/guidance-desk.ts';
import { noModels } from '../support/no-models.ts';
import { modelsAt, startModelServer } from '../support/obedient-model.ts';
import { earlierTrade, TRADE_TIME, tradePayload } from '../support/trade-payloads.ts';

const caller = { name: 'desk', scopes: ['llm'] as const };
const { signal } = new AbortController();
const earlier = [earlierTrade(5, { pnl: -30, size: 0.2 }), earlierTrade(15, { pnl: -12 })];
const request = { payload: tradePayload(), questions: ['How many losses in a row?'], notes: 'A calm day \u0000.' };
const answer = {
  signal: 'RSI 58.3.',
  risk: 'You risk 0.5 % of 1 %.',
  action: 'Take it.',
  journal: 'Losses in a row: 2.',
};

function suite(open: OpenDatabase): void {
  let database: Database;
  let close: () => Promise<void>;
  let calls: GuidanceCalls;
  beforeAll(async () => {
    ({ database, close } = await open());
    calls = await openGuidanceCalls(database);
  });
  afterAll(() => close());
  const desk = async (models = noModels) => {
    const opened = await openDesk(models, calls, { earlier });
    onTestFinished(() => opened.close());
    return opened;
  };
  const model = async () => {
    const server = await startModelServer(() => ({ text: JSON.stringify(answer) }));
    onTestFinished(() => server.close());
    return server;
  };

  test('what the rules say is stored with its inputs, and replayed byte for byte', async () => {
    const { guidance } = await desk();
    const given = await guidance.whisperer(request, caller, signal);
    expect(given.meta.nudges.map(({ name }) => name)).toEqual([
      'revenge-trading',
      'sizing-up-in-drawdown',
      'write-down-the-loss',
    ]);
    const call = (await calls.get(given.meta.id))!;
    expect(call).toMatchObject({
      at: TRADE_TIME + 30_000,
      caller: 'desk',
      endpoint: 'whisperer',
      model: 'rules@2',
      stub: true,
    });
    expect(call.answer).toEqual(given);
    expect(call.inputs).toMatchObject({ asked: 'rules', notes: request.notes, payload: request.payload });
    const replayed = await replay(call, noModels, signal);
    expect([replayed.same, replayed.samePrompt]).toEqual([true, true]);
    for (const part of answerParts) expect(replayed.again[part]).toBe(given[part]);
    const changed = {
      ...call,
      inputs: { ...(call.inputs as object), facts: { ...(call.inputs as { facts: object }).facts, rsi: 71 } },
    };
    expect(await replay(changed, noModels, signal)).toMatchObject({ same: false, samePrompt: false });
  });

  test('with and without nudges a model is asked once, and the answers differ by the nudges alone', async () => {
    const server = await model();
    const { guidance } = await desk(modelsAt({ whisperer: server.url }));
    const nudged = await guidance.whisperer(request, caller, signal);
    const plain = await guidance.simple(request, caller, signal);
    expect(server.calls).toHaveLength(1);
    expect(plain).toMatchObject({ ...answer, meta: { endpoint: 'simple', reused: true, nudges: [], cost_usd: 0 } });
    expect(nudged.meta).toMatchObject({
      reused: false,
      provider: 'openai',
      cost_usd: 0.002,
      tokens: { input: 120, output: 40 },
    });
    expect(nudged.action).toBe([plain.action, nudged.meta.nudges[0]!.text, nudged.meta.nudges[1]!.text].join(' '));
    expect(nudged.meta.prompt_hash).toBe(plain.meta.prompt_hash);
    expect(await replay((await calls.get(nudged.meta.id))!, modelsAt({ whisperer: server.url }), signal)).toMatchObject(
      {
        same: true,
        again: { model: 'obedient-1' },
      },
    );
    expect(server.calls).toHaveLength(2);
  });

  test('a model that advises a trade which the rules forbid, or cannot judge, has no say in the action', async () => {
    const server = await model();
    const { guidance } = await desk(modelsAt({ whisperer: server.url }));
    // 0.0024 × 50,000 = 120 USD; 120 / 6,000 = 2 %.
    const over = tradePayload({ account: { equity: 6_000, currency: 'USD' } });
    server.reply = () => ({ text: JSON.stringify({ ...answer, risk: 'You risk 2 %.' }) });
    const forbidden = await guidance.simple({ ...request, payload: over }, caller, signal);
    expect(forbidden.meta.stub).toBe(false);
    expect(forbidden.action).toMatch(
      /^Stand aside: a limit or a condition rules this trade out as it is. Cut the size until the trade risks at most 1 %\./,
    );
    const unknown = tradePayload({ account: { equity: 24_000 } });
    server.reply = () => ({ text: JSON.stringify({ ...answer, risk: 'Its limit is 1 %.' }) });
    const unjudged = await guidance.simple({ ...request, payload: unknown }, caller, signal);
    expect(unjudged.meta.stub).toBe(false);
    expect(unjudged.action).toMatch(/^Wait: something that decides .* Make the risk known first: account\.currency/);
    expect(`${forbidden.action} ${unjudged.action}`).not.toContain('Take it');
    // Nor may another part let it be taken.
    server.reply = () => ({ text: JSON.stringify({ ...answer, risk: 'It is within its limits, at 1 %: go ahead.' }) });
    const talked = await guidance.simple({ ...request, payload: { ...unknown, strategy: 'other' } }, caller, signal);
    expect(talked.meta.fallbacks).toMatchObject([
      { reason: expect.stringContaining('it lets a trade be taken that the rules do not') },
    ]);
    expect(talked.meta.stub).toBe(true);
  });

  test('an answer older than the time of reuse is asked for anew', async () => {
    const server = await model();
    const { guidance, clock } = await desk(modelsAt({ simple: server.url }));
    // From an hour on, ages are told in hours: the prompt stays the same meanwhile.
    const fresh = { ...request, payload: tradePayload({ timestamp: '2024-01-09T08:45:00Z' }) };
    const reused = async (): Promise<boolean> => (await guidance.simple(fresh, caller, signal)).meta.reused;
    expect(await reused()).toBe(false);
    clock.advance(290_000);
    expect(await reused()).toBe(true);
    // What is given again does not prolong the time.
    clock.advance(11_000);
    expect([await reused(), server.calls.length]).toEqual([false, 2]);
  });

  test('calls past their retention are dropped, and no others', async () => {
    const { guidance } = await desk();
    const { id } = (await guidance.simple(request, caller, signal)).meta;
    expect(await calls.dropOlder(TRADE_TIME)).toBe(0);
    expect(await calls.get(id)).not.toBeNull();
    expect(await calls.dropOlder(TRADE_TIME + 31_000)).toBeGreaterThan(0);
    expect(await calls.get(id)).toBeNull();
  });

  test('spending adds up by model and day', async () => {
    await Promise.all([0.1, 0.2, 0.03].map((usd) => calls.add('whisperer', usd, '2024-01-09')));
    await calls.add('whisperer', 5, '2024-01-10');
    await calls.add('simple', 7, '2024-01-09');
    expect(await calls.spent('whisperer', '2024-01-09')).toBe(0.33);
    expect(await calls.spent('local', '2024-01-09')).toBe(0);
  });
}

await onBothDatabases(suite);

describe('while something is away', () => {
  const away = () => Promise.reject(new PulseError('database.unavailable', { reason: 'it is away' }));

  test('the answer is given without the database, and that it was not stored is told', async () => {
    const { guidance, journal, metrics, close } = await openDesk(noModels, { insert: away, newestOf: away });
    onTestFinished(close);
    expect((await guidance.whisperer(request, caller, signal)).risk).toContain('0.5 % of a limit of 1 %');
    expect(journal.codes()).toEqual(['guidance.unstored']);
    expect(await metrics.text()).toContain('pulse_mcp2_guidance_unstored_total 1');
  });

  test('a fault of our own is no engine that is away', async () => {
    const broken = () => Promise.reject(new TypeError('broken'));
    const { guidance, close } = await openDesk(noModels, { insert: broken, newestOf: broken });
    onTestFinished(close);
    await expect(guidance.simple(request, caller, signal)).rejects.toThrow('broken');
  });
});

describe('the newest entry of a stream', () => {
  const opened = async () => {
    const desk = await openDesk(modelsAt({ local: 'http://127.0.0.1:9/v1' }), memoryCalls(), { earlier });
    onTestFinished(() => desk.close());
    const add = (fields: Record<string, string>) => desk.streams.append([{ stream: 's', fields }]);
    const analyze = (model = 'rules') =>
      desk.guidance.analyze(model, 's', { questions: [], notes: '' }, caller, signal);
    return { ...desk, add, analyze };
  };

  test.each(['payload', 'j', 'data'])('is analysed from its field %s', async (field) => {
    const { add, analyze } = await opened();
    await add({
      other: 'x',
      [field]: JSON.stringify(tradePayload({ risk: { max_risk_per_trade: 0.02, risk_per_trade: 0.019 } })),
    });
    const given = await analyze();
    expect(given.risk).toContain('1.9 % of a limit of 2 %');
    expect(given.meta).toMatchObject({ endpoint: 'analyze', provider: 'rules', stub: true });
  });

  test('errors name what is wrong', async () => {
    const { add, analyze } = await opened();
    await expect(analyze()).rejects.toMatchObject({ code: 'stream.empty', status: 404 });
    await expect(analyze('gpt')).rejects.toThrow('there is no model "gpt"; configured are: local, rules');
    // It stands for the model that whisperer asks, though none has that name: it gets as far as the stream.
    await expect(analyze('whisperer')).rejects.toMatchObject({ code: 'stream.empty' });
    for (const [fields, reason] of [
      [{ x: '1' }, 'none of the fields payload, j, data'],
      [{ payload: 'buy' }, 'its field payload is no JSON'],
      [{ j: '{"strategy":""}' }, 'its field j is no StrategyPayloadV1: strategy'],
    ] as const) {
      await add(fields);
      const fault = (await analyze().catch((error: unknown) => error)) as PulseError;
      expect([fault.code, fault.status]).toEqual(['stream.no-payload', 400]);
      expect(fault.message).toContain(reason);
    }
  });

  test('of a key that is no stream: the caller is told so', async () => {
    const { streams, analyze } = await opened();
    const wrong = new PulseError('redis.refused', { at: 'redis://x', command: 'XREVRANGE', reason: 'WRONGTYPE' });
    streams.newest = () => Promise.reject(wrong);
    await expect(analyze()).rejects.toMatchObject({ code: 'stream.other', status: 400 });
  });

  test('models are listed with the rules among them', async () => {
    const { guidance } = await opened();
    expect((await guidance.models(signal)).map(({ name, provider }) => [name, provider])).toEqual([
      ['local', 'openai'],
      ['rules', 'rules'],
    ]);
  });
});

describe('pulse llm', () => {
  const open = async () => {
    const shell = await Shell.open();
    onTestFinished(() => shell.close());
    return shell;
  };

  test('compare prints what nudges add, and that no number changed', async () => {
    const shell = await open();
    const file = join(shell.folder, 'payloads.ndjson');
    const payloads = [
      ...earlier.map(({ payload }) => tradePayload({ ...payload })),
      tradePayload(),
      tradePayload({ strategy: 'calm' }),
    ];
    await writeFile(file, `${payloads.map((each) => JSON.stringify(each)).join('\n')}\n\n`);
    const { code, out } = await shell.run(['llm', 'compare', file]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /3 +london-breakout +rules@2 +revenge-trading@1, sizing-up-in-drawdown@1, write-down-the-loss@1 +\d+ +0\n/,
    );
    expect(out).toMatch(/4 +calm +rules@2 +- +0 +0\n/);
    expect(out).toMatch(/numbers changed: 0\.\n$/);
    const json = JSON.parse((await shell.run(['llm', 'compare', file, '--model', 'rules', '--json'])).out) as {
      numbersChanged: number;
    }[];
    expect(json.map(({ numbersChanged }) => numbersChanged)).toEqual([0, 0, 0, 0]);
  });

  test('compare says which line is no payload, and which model is unknown', async () => {
    const shell = await open();
    const file = join(shell.folder, 'payloads.ndjson');
    await writeFile(file, `${JSON.stringify(tradePayload())}\n{"strategy":"x"}\n`);
    expect(await shell.run(['llm', 'compare', file])).toMatchObject({
      code: 66,
      err: expect.stringContaining('line 2: timestamp'),
    });
    expect(await shell.run(['llm', 'compare', 'nowhere'])).toMatchObject({
      code: 66,
      err: expect.stringContaining('no such file'),
    });
    expect((await shell.run(['llm', 'compare', file, '--model', 'gpt'])).err).toContain('configured are: rules');
    expect(await shell.run(['llm', 'replay'])).toMatchObject({ code: 64 });
  });

  test('models of the configuration are listed with whether they answer, and compare asks them, and what they cost is kept', async () => {
    const server = await startModelServer(() => ({ text: '' }));
    onTestFinished(() => server.close());
    const shell = await Shell.open({
      MCP2_MODELS: JSON.stringify({
        whisperer: {
          provider: 'openai',
          model: 'm',
          url: server.url,
          price: { input: 10, output: 20 },
          maxCostUsdPerDay: 1,
        },
      }),
    });
    onTestFinished(() => shell.close());
    await mkdir(shell.dataDir, { recursive: true });
    // Only `pulse up` makes the embedded database.
    await (await pgliteDatabase({ path: join(shell.dataDir, 'database'), clock: systemClock() })).close();
    const file = join(shell.folder, 'payloads.ndjson');
    await writeFile(file, JSON.stringify(tradePayload()));
    server.reply = () => ({ text: JSON.stringify({ ...answer, risk: 'You risk 99 %.' }) });
    expect((await shell.run(['llm', 'compare', file])).out).toMatch(
      /line 1: no answer of whisperer could be used: .*the number 99 % is not among the facts\n/,
    );
    server.reply = () => ({ text: JSON.stringify({ ...answer, journal: 'Nothing.' }) });
    const { code, out, err } = await shell.run(['llm', 'compare', file]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/1 +london-breakout +obedient-1 +- +0 +0\n/);
    expect((await shell.run(['llm', 'models'])).out).toMatch(/whisperer +openai +m +yes/);
    const database = await pgliteDatabase({ path: join(shell.dataDir, 'database'), clock: systemClock() });
    onTestFinished(() => database.close());
    const [spent] = await database.query<{ usd: number }>('SELECT sum(usd)::float8 AS usd FROM model_spending');
    expect(spent!.usd).toBeCloseTo(0.004, 9);
  });

  test('replay shows a stored call, made again the same; of an unknown id it says so', async () => {
    const shell = await open();
    await mkdir(shell.dataDir, { recursive: true });
    const database = await pgliteDatabase({ path: join(shell.dataDir, 'database'), clock: systemClock() });
    const desk = await openDesk(noModels, await openGuidanceCalls(database), { earlier });
    const { meta } = await desk.guidance.whisperer(request, caller, signal);
    await Promise.all([desk.close(), database.close()]);
    const { code, out } = await shell.run(['llm', 'replay', meta.id]);
    expect([code, out]).toEqual([0, expect.stringContaining('The answer is the same, byte for byte.')]);
    expect(out).toContain('The trade risks 0.5 % of a limit of 1 %.');
    expect((await shell.run(['llm', 'replay', 'what?'])).code).toBe(66);
    expect((await shell.run(['llm', 'models'])).out).toMatch(/rules +rules +rules@2 +yes/);
  });
});
