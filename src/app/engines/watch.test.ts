import { expect, onTestFinished, test, vi } from 'vitest';
import { quickClock } from '../../../test/support/quick-clock.ts';
import { recordingJournal } from '../../../test/support/recording-journal.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { watchEngines } from './watch.ts';

const lost = (): Promise<never> =>
  Promise.reject(new PulseError('log.unavailable', { at: 'kafka:9092', reason: 'connection refused' }));

function watched(
  ping: () => Promise<void>,
  without: 'nothing works' | { meanwhile: string } = 'nothing works',
  until: 'first answer' | 'the end' = 'the end',
) {
  const journal = recordingJournal();
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const reports = watchEngines(
    { kafka: { ping, without } },
    { clock: quickClock(200), journal, signal: over.signal, until },
  );
  return { journal, reports, report: () => reports().kafka! };
}

test('an engine is reported and told once when it is lost, and once when it is back', async () => {
  let answers = true;
  const { journal, report } = watched(() => (answers ? Promise.resolve() : lost()));
  await vi.waitFor(() => expect(report()).toMatchObject({ ready: true, detail: 'answers' }));
  answers = false;
  await vi.waitFor(() => expect(report().ready).toBe(false));
  expect(report().detail).toContain('connection refused');
  answers = true;
  await vi.waitFor(() => expect(report().ready).toBe(true));
  expect(journal.codes()).toEqual(['engine.lost', 'engine.restored']);
});

test('one that gives no answer at all is lost', async () => {
  const { report } = watched(() => new Promise(() => undefined));
  expect(report()).toMatchObject({ ready: false, detail: 'was not asked yet' });
  await vi.waitFor(() => expect(report().detail).toContain('no answer within 3 s'));
});

test('one that the work goes on without leaves the process ready, and says what happens meanwhile', async () => {
  const { report } = watched(lost, { meanwhile: 'trades wait in the queue' });
  await vi.waitFor(() =>
    expect(report()).toMatchObject({
      ready: true,
      state: 'waiting',
      detail: expect.stringMatching(/connection refused.*; meanwhile trades wait in the queue$/),
    }),
  );
});

test('one that is watched until its first answer is told of while it is away, with each new reason, and not afterwards', async () => {
  let [reason, asked] = ['connection refused', 0];
  const ping = (): Promise<void> => {
    asked += 1;
    return reason === ''
      ? Promise.resolve()
      : Promise.reject(new PulseError('log.unavailable', { at: 'kafka:9092', reason }));
  };
  const { journal, reports } = watched(ping, 'nothing works', 'first answer');
  expect(reports()).toEqual({});
  await vi.waitFor(() => expect(reports().kafka).toMatchObject({ ready: false }));
  reason = 'no such host';
  await vi.waitFor(() => expect(reports().kafka?.detail).toContain(reason));
  reason = '';
  await vi.waitFor(() => expect(reports()).toEqual({}));
  const until = asked;
  await new Promise((resolve) => setTimeout(resolve, 50)); // ambient-ok: some rounds of the quick clock
  expect(asked).toBe(until);
  expect(journal.codes()).toEqual(['engine.lost', 'engine.lost', 'engine.restored']);
});
