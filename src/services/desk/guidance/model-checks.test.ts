import { expect, test } from 'vitest';
import { limits, unavailable } from '../../../../test/support/scripted-models.ts';
import { virtualClock } from '../../../adapters/clock/virtual.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import type { LanguageModel } from '../../../ports/language-model.ts';
import { modelChecks } from './model-checks.ts';

/** Models whose checks do as told; asked how often, by name. */
function desk(checks: Readonly<Record<string, LanguageModel['check']>>) {
  const clock = virtualClock(0);
  const asked: string[] = [];
  const entries = Object.entries(checks).map(([name, check]) => ({
    ...limits,
    name,
    model: {
      provider: 'openai',
      model: 'gpt',
      generate: () => Promise.reject(new Error('not asked')),
      check(signal: AbortSignal) {
        asked.push(name);
        return check(signal);
      },
    },
  }));
  return { clock, asked, models: modelChecks(entries, clock) };
}

const good = async (): Promise<null> => null;
/** Says nothing until it is given up. */
const silent: LanguageModel['check'] = (signal) =>
  new Promise((_, reject) => {
    const give = (): void =>
      reject(new PulseError('model.timeout', { provider: 'openai', model: 'gpt', timeoutMs: 3_000 }));
    signal.addEventListener('abort', give, { once: true });
  });
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('each is told with why it is not reachable, or what could not be told of it', async () => {
  const { models } = desk({ good, away: () => Promise.reject(unavailable()), vague: async () => 'it has no list' });
  const common = { provider: 'openai', model: 'gpt' };
  expect(await models()).toEqual([
    { ...common, name: 'good', reachable: true, detail: null },
    { ...common, name: 'away', reachable: false, detail: 'openai does not answer for gpt: status 500' },
    { ...common, name: 'vague', reachable: true, detail: 'it has no list' },
  ]);
});

test('one that says nothing is given up after 3 s, and not before', async () => {
  const { models, clock } = desk({ good, silent });
  let infos: Awaited<ReturnType<typeof models>> | null = null;
  const all = models().then((told) => {
    infos = told;
  });
  await clock.advance(2_999);
  await settle();
  expect(infos).toBeNull();
  await clock.advance(1);
  await all;
  expect(infos).toMatchObject([
    { name: 'good', reachable: true },
    { name: 'silent', reachable: false, detail: expect.stringContaining('3000 ms') },
  ]);
});

test('what they said holds for 10 s, also for those who ask meanwhile', async () => {
  const { models, clock, asked } = desk({ good });
  await Promise.all([models(), models()]);
  await clock.advance(9_999);
  await models();
  expect(asked).toHaveLength(1);
  await clock.advance(1);
  await models();
  expect(asked).toHaveLength(2);
});
