import { expect, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { deskShell, onKafka, onRedis } from '../support/parity-desk.ts';

// Each command opens an embedded Postgres of its own.
vi.setConfig({ testTimeout: 240_000 });

const clock = systemClock();
const DAY = 86_400_000;
const today = Math.floor(clock.now() / DAY) * DAY;
const date = (day: number): string => new Date(day).toISOString().slice(0, 10);
/** Sessions of one bar each are enough here. */
const FEW = { GATE_MIN_SESSION_BARS: '1' };
const BTCUSD = ['reconcile', '--symbol', 'BTCUSD', '--format', 'json'];

/** What `pulse parity` knows of BTCUSD. */
const parityOf = (out: string) => {
  const { symbols, demo } = JSON.parse(out);
  return { run: symbols[0].run, broken: symbols[0].broken, demo: demo?.symbols[0].broken ?? null };
};

test('what is under way, within a tolerance of its own, or in the future is not recorded; what is settled is', async () => {
  const begun = today + 60_000;
  const shell = await deskShell(async (engines) => {
    for (const start of [today - 2 * DAY, begun]) {
      await onRedis(engines, 'BTCUSD', start);
      await onKafka(engines, 'BTCUSD', start);
    }
  }, FEW);
  const underWay = await shell.run([...BTCUSD, '--session', date(today)]);
  // In the first minutes of a day nothing of it is closed yet.
  if (underWay.code !== 64) {
    expect(JSON.parse(underWay.out).reports[0]).toMatchObject({ whole: false });
    expect(underWay.err).toContain('the session is not recorded: not all of it has ended and is settled');
  }
  const future = await shell.run([...BTCUSD, '--session', date(today + 30 * DAY)]);
  expect([future.code, future.err]).toEqual([
    64,
    expect.stringMatching(/^pulse: nothing of the session .* is settled yet/),
  ]);

  const session = ['--session', date(today - 2 * DAY)];
  const wide = await shell.run([...BTCUSD, ...session, '--tol-price-ticks', '1000000000']);
  expect([wide.code, wide.err]).toEqual([0, expect.stringContaining('nothing is recorded: the tolerance is from the')]);
  const before = parityOf((await shell.run(['parity', '--json'])).out);
  expect(before).toMatchObject({ run: 0, broken: { why: 'not reconciled' } });

  expect(await shell.run([...BTCUSD, ...session])).toMatchObject({ code: 0, err: '' });
  expect(parityOf((await shell.run(['parity', '--json'])).out)).toMatchObject({
    run: 1,
    broken: { session: date(today - 3 * DAY), why: 'not reconciled' },
  });
});

test('a session of too few bars is recorded as it is, and is no pass', async () => {
  const start = today - 2 * DAY;
  const shell = await deskShell(async (engines) => {
    await onRedis(engines, 'BTCUSD', start);
    await onKafka(engines, 'BTCUSD', start);
  });
  const { code, out, err } = await shell.run([...BTCUSD, '--session', date(start)]);
  expect([code, err, JSON.parse(out).reports[0].verdict]).toEqual([3, '', 'too little evidence']);
  expect(parityOf((await shell.run(['parity', '--json'])).out).broken.why).toBe('too little evidence');
});

test('a session into which the made-up market published is recorded as such, from wherever it is reconciled', async () => {
  const start = today - 2 * DAY;
  const shell = await deskShell(async (engines) => {
    await onRedis(engines, 'BTCUSD', start);
    await onKafka(engines, 'BTCUSD', start);
    await engines.keys.set('pulse:made-up', JSON.stringify({ BTCUSD: { from: start + 1, to: start + 2 } }));
  }, FEW);
  expect((await shell.run([...BTCUSD, '--session', date(start)])).code).toBe(0);
  expect(parityOf((await shell.run(['parity', '--json'])).out)).toMatchObject({
    run: 0,
    broken: { why: 'not reconciled' },
    demo: { session: date(start - DAY), why: 'not reconciled' },
  });
});

test('the command that shows a missing bar again exits as what it shows: below the threshold', async () => {
  const start = today - 2 * DAY;
  const shell = await deskShell(async (engines) => {
    for (let i = 0; i < 40; i += 1) {
      await onRedis(engines, 'BTCUSD', start + i * 60_000);
      if (i !== 20) await onKafka(engines, 'BTCUSD', start + i * 60_000);
    }
  });
  const { code, out } = await shell.run([...BTCUSD, '--session', date(start)]);
  const [report] = JSON.parse(out).reports;
  expect([code, report.verdict, report.mismatches.length]).toEqual([2, 'below threshold', 1]);
  const again = await shell.run([...report.mismatches[0].reproduce.split(' ').slice(1), '--format', 'json']);
  expect([again.code, JSON.parse(again.out).reports[0].verdict]).toEqual([2, 'below threshold']);
});
