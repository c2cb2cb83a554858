import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { earlierTrade, tradeFacts, tradePayload } from '../../../../test/support/trade-payloads.ts';
import { canonicalJson } from '../../base/canonical-json.ts';
import { answerParts } from '../answer.ts';
import { type Facts, factNames, factSpecs } from '../fact.ts';
import { numbersIn } from '../numbers-in.ts';
import { answerByRules } from '../rules.ts';
import { applyNudges, firedNudges } from './apply-nudges.ts';
import { factsIn, holds } from './condition.ts';
import { nudgeHashes } from './nudge-hashes.ts';
import { nudges } from './nudges.ts';

const fired = (payload = tradePayload(), earlier = [] as ReturnType<typeof earlierTrade>[]) =>
  firedNudges(tradeFacts(payload, { earlier }));
const names = (...args: Parameters<typeof fired>) => fired(...args).map(({ nudge }) => nudge.name);
const trade = { side: 'long', entry: 1.095, stop: 1.0926, target: 1.0998, size: 0.5 };

describe('nudges are data', () => {
  test('each is what was released under its name and version', () => {
    const hashes = nudges.map((nudge) => [
      `${nudge.name}@${nudge.version}`,
      createHash('sha256').update(canonicalJson(nudge)).digest('hex'),
    ]);
    for (const [name, hash] of hashes) expect(nudgeHashes[name!], `${name}: a change is a new version`).toBe(hash);
  });

  test('none is there twice, none has a digit in its text, and each looks at facts that are there', () => {
    expect(new Set(nudges.map(({ name }) => name)).size).toBe(nudges.length);
    for (const { text, condition } of nudges) {
      expect(text).not.toMatch(/\p{N}/u);
      for (const name of factsIn(condition)) expect(factNames).toContain(name);
    }
  });
});

describe('what fires', () => {
  const loss = (minutes: number, more = {}) => earlierTrade(minutes, { pnl: -25, ...more });
  test.each<[string, Parameters<typeof fired>, string[]]>([
    ['a calm day', [], []],
    ['one loss, same size', [tradePayload(), [loss(5)]], ['write-down-the-loss']],
    [
      'a larger size right after a loss',
      [tradePayload(), [loss(5, { size: 0.2 })]],
      ['revenge-trading', 'write-down-the-loss'],
    ],
    ['a larger size long after a loss', [tradePayload(), [loss(31, { size: 0.2 })]], ['write-down-the-loss']],
    [
      'three losses within minutes',
      [tradePayload(), [loss(5), loss(9), loss(12)]],
      ['revenge-trading', 'cooling-off', 'write-down-the-loss'],
    ],
    ['three losses hours ago', [tradePayload(), [loss(125), loss(130), loss(140)]], ['write-down-the-loss']],
    ['five trades in an hour', [tradePayload(), [1, 2, 3, 4, 5].map((m) => earlierTrade(m))], ['over-trading']],
    ['four trades in an hour', [tradePayload(), [1, 2, 3, 4].map((m) => earlierTrade(m))], []],
    [
      'sizing up in half of the allowed drawdown',
      [tradePayload({ risk: { max_daily_drawdown: 0.03, daily_drawdown: 0.015 } }), [earlierTrade(300, { size: 0.4 })]],
      ['sizing-up-in-drawdown'],
    ],
    [
      'sizing up before that',
      [
        tradePayload({ risk: { max_daily_drawdown: 0.03, daily_drawdown: 0.0149 } }),
        [earlierTrade(300, { size: 0.4 })],
      ],
      [],
    ],
    ['a stop moved away', [tradePayload({ trade: { ...trade, stop_moved_away: true } })], ['ignored-stop']],
    ['no stop', [tradePayload({ trade: { ...trade, stop: undefined } })], ['ignored-stop']],
    ['a price beyond the stop', [tradePayload({ trade: { ...trade, entry: 1.099, stop: 1.0955 } })], ['ignored-stop']],
  ])('%s', (_, args, expected) => {
    expect(names(...args)).toEqual(expected);
  });

  test('why names the facts of the condition that are known', () => {
    const [first] = fired(tradePayload(), [loss(5, { size: 0.2 })]);
    expect(first!.why).toBe(
      'losing streak is 1, minutes since loss is 5, size up after loss is yes, trades last hour is 1',
    );
  });

  test('a missing fact fires nothing, nor does its negation', () => {
    const facts = tradeFacts(tradePayload(), { earlier: null });
    const condition = { fact: 'losing_streak', is: '>=', value: 1 } as const;
    expect([holds(condition, facts), holds({ not: condition }, facts)]).toEqual([null, null]);
    expect(holds({ any: [condition, { fact: 'side', is: '=', value: 'long' }] }, facts)).toBe(true);
  });
});

describe('with and without nudges', () => {
  const value = (unit: string): fc.Arbitrary<Facts[keyof Facts]> =>
    unit === 'yes/no'
      ? fc.boolean()
      : unit === 'word'
        ? fc.constantFrom('up', 'down', 'long', 'short', 'high', 'normal')
        : fc.oneof(fc.integer({ min: 0, max: 200 }), fc.double({ min: 0, max: 500, noNaN: true }));
  const anyFacts = fc.record(
    Object.fromEntries(
      factNames.map((name) => [
        name,
        fc.oneof({ weight: 3, arbitrary: value(factSpecs[name].unit) }, fc.constant(null)),
      ]),
    ),
  ) as unknown as fc.Arbitrary<Facts>;

  test('every number is the same, in its order, and the answer only grows', () => {
    let seen = 0;
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const plain = answerByRules(facts, []);
        const all = firedNudges(facts);
        seen += all.length;
        const nudged = applyNudges(plain, all);
        for (const part of answerParts) {
          expect(numbersIn(nudged[part])).toEqual(numbersIn(plain[part]));
          expect(nudged[part].startsWith(plain[part])).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
    expect(seen).toBeGreaterThan(100);
  });
});
