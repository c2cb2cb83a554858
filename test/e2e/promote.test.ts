import { expect, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { tradingCalendars } from '../../src/domain/calendar/trading-calendar.ts';
import type { Shell } from '../support/command-line.ts';
import { type DeskSessions, deskShell, onKafka, onRedis, recordSessions } from '../support/parity-desk.ts';

// Each command opens an embedded Postgres of its own.
vi.setConfig({ testTimeout: 240_000 });

const clock = systemClock();
const minute = (): number => Math.floor(clock.now() / 60_000) * 60_000 - 600_000;

/** A desk with bars of BTCUSD on both sides, bars of other symbols where it is said, and these sessions of BTCUSD. */
async function desk(ledger: DeskSessions, others: Readonly<Record<string, 'both' | 'redis' | 'kafka'>> = {}) {
  const shell = await deskShell(async (engines) => {
    for (const [symbol, where] of Object.entries({ BTCUSD: 'both', ...others })) {
      if (where !== 'kafka') await onRedis(engines, symbol, minute());
      if (where !== 'redis') await onKafka(engines, symbol, minute());
    }
  });
  await recordSessions(shell, ledger);
  return shell;
}

const refusal = async (shell: Shell): Promise<string> => {
  const { code, err } = await shell.run(['promote', '--reason', 'now']);
  expect(code).toBe(2);
  return err;
};

test.each`
  what                                 | ledger                              | code | says
  ${'one session below the threshold'} | ${{ sessions: 5, agreeing: 1_430 }} | ${2} | ${'below the threshold'}
  ${'four sessions'}                   | ${{ sessions: 4 }}                  | ${3} | ${'too few sessions'}
  ${'five sessions of a bar each'}     | ${{ sessions: 5, bars: 1 }}         | ${3} | ${'too little evidence'}
`('with $what `pulse parity` exits with $code', async ({ ledger, code, says }) => {
  const shell = await desk(ledger);
  const ran = await shell.run(['parity']);
  expect(ran.out).toContain(says);
  expect(ran.code).toBe(code);
});

test('with --proven the bound itself must reach the threshold, and what is missing is told in bars', async () => {
  const shell = await desk({ sessions: 5, bars: 500 });
  const plain = await shell.run(['parity']);
  expect([plain.code, plain.out]).toEqual([0, expect.stringContaining('The gate has passed.')]);
  const proven = await shell.run(['parity', '--proven']);
  expect([proven.code, proven.out]).toEqual([3, expect.stringContaining('495 more bars must agree, and none differ')]);
  const refused = await shell.run(['promote', '--proven', '--reason', 'now']);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('too little evidence (BTCUSD)')]);
});

test('a symbol that no session was reconciled of is told, with those that are known', async () => {
  const shell = await desk({ sessions: 5 });
  const { code, err } = await shell.run(['parity', '--symbol', 'BTCUDS']);
  expect(err).toContain('no session of BTCUDS has been reconciled; the ledger has BTCUSD');
  expect(code).toBe(4);
});

test('without bars and sessions `pulse parity` says what to do', async () => {
  const shell = await deskShell(async () => undefined);
  const ran = await shell.run(['parity']);
  expect([ran.code, ran.out]).toEqual([3, expect.stringContaining('No session has been reconciled yet')]);
});

test('after the gate readers of bars can be switched and switched back, and both are events', async () => {
  const shell = await desk({ sessions: 5 });
  const parity = await shell.run(['parity']);
  expect([parity.code, parity.out]).toEqual([0, expect.stringContaining('The gate has passed.')]);
  expect(parity.out).toContain('from redis (PULSE_BAR_SOURCE; never switched)');
  const promoted = await shell.run(['promote', '--reason', 'gate passed']);
  // The event goes to the topic and to standard error: what is printed is the result alone.
  expect(promoted.out).toBe('Readers of bars now take them from kafka; the gate has passed.\n');
  expect(promoted.err).toContain('bar-source.promoted');
  expect(promoted.code).toBe(0);
  expect((await shell.run(['parity', '--json'])).out).toContain('"source":"kafka"');
  expect((await shell.run(['parity'])).out).toMatch(
    /Readers of bars take them from kafka, by `pulse promote` at \S+ \(\S+\): gate passed\./,
  );
  expect((await shell.run(['promote'])).out).toContain('already');
  expect((await shell.run(['rollback', '--reason', 'lag'])).out).toContain('Readers of bars now take them from redis');
  const events = await shell.run(['overseer', '--since', '1h']);
  expect(events.out).toContain('bar-source.promoted');
  expect(events.out).toContain('bar-source.rolled-back');
  expect(events.out).toContain('gate passed');
});

test('the event of a promotion names tolerance, sessions, bars and bound; what speaks against it is told', async () => {
  const shell = await desk({ sessions: 5, warnings: ['the price tolerance is up to 7 % of the price'] });
  expect((await shell.run(['parity'])).out).toMatch(/⚠ BTCUSD \d{4}-\d\d-\d\d: the price tolerance is up to 7 %/);
  const promoted = await shell.run(['promote', '--reason', 'gate passed']);
  expect(promoted.err).toMatch(/⚠ BTCUSD \d{4}-\d\d-\d\d: the price tolerance is up to 7 %/);
  const { out } = await shell.run(['overseer', '--since', '1h']);
  const event = out
    .split('\n')
    .filter((line) => line.includes('bar-source.promoted'))
    .map((line) => JSON.parse(line))[0];
  expect(event.message).toMatch(
    /BTCUSD: 5 sessions \(\S+ to \S+\), 7,200 bars, at least 99\.95\d\d %, prices within 0\.0001 .*volumes within 1/,
  );
  expect(event.data.evidence).toMatchObject([
    {
      symbol: 'BTCUSD',
      sessions: 5,
      bars: 7_200,
      agreeing: 7_200,
      tolerance: { pipSize: 0.0001, priceTicks: 1, volume: '1' },
    },
  ]);
  expect(event.data.evidence[0].warnings).toHaveLength(5);
});

test.each`
  command      | flags
  ${'promote'} | ${['--tol-price-ticks', '1000000']}
  ${'promote'} | ${['--pip-size', '100']}
  ${'promote'} | ${['--tol-volume', '1000000']}
  ${'promote'} | ${['--min-run-bars', '1']}
  ${'promote'} | ${['--min-session-bars', '1']}
  ${'promote'} | ${['--calendars', '*=us-equities']}
  ${'parity'}  | ${['--tol-price-ticks', '1000000']}
  ${'parity'}  | ${['--pip-size', '100']}
  ${'parity'}  | ${['--tol-volume', '1000000']}
`('`pulse $command $flags` is refused: the ledger was not written so', async ({ command, flags }) => {
  const shell = await deskShell(async () => undefined);
  const { code, err } = await shell.run([command, ...flags]);
  expect([code, err]).toEqual([64, expect.stringContaining(`${flags[0]} (command line)`)]);
});

test('a side that was trimmed since does not overwrite the record of a session', async () => {
  const session = tradingCalendars['24x7'].lastEnded(clock.now() - 3_600_000);
  const shell = await deskShell(async (engines) => {
    for (let i = 0; i < 3; i += 1) {
      await onRedis(engines, 'BTCUSD', session.from + i * 60_000);
      await onKafka(engines, 'BTCUSD', session.from + i * 60_000);
    }
  });
  await recordSessions(shell, { sessions: 2, agreeing: 1_000 });
  const ran = await shell.run(['reconcile', '--symbol', 'BTCUSD', '--session', session.date]);
  expect(ran.err).toContain(`BTCUSD ${session.date} is not recorded: a side has fewer bars`);
  expect((await shell.run(['parity'])).code).toBe(2);
});

test('before the gate it is refused, unless forced with a reason', async () => {
  const shell = await desk({ sessions: 4 });
  expect(await refusal(shell)).toContain('the gate is not passed: too few sessions (BTCUSD)');
  expect((await shell.run(['promote', '--force'])).err).toContain('--reason');
  const forced = await shell.run(['promote', '--force', '--reason', 'Redis goes away']);
  expect(forced.out).toContain('forced while the gate is at: too few sessions');
  expect(forced.code).toBe(0);
});

test.each`
  where      | code | state
  ${'both'}  | ${3} | ${'too few sessions'}
  ${'redis'} | ${4} | ${'side missing'}
  ${'kafka'} | ${4} | ${'side missing'}
`('a live symbol on $where that was never reconciled stands in the way: $state', async ({ where, code, state }) => {
  const shell = await desk({ sessions: 5 }, { GBPUSD: where });
  const { code: exit, out } = await shell.run(['parity', '--calendars', '*=24x7', '--json']);
  const { state: whole, symbols } = JSON.parse(out);
  expect([exit, whole, symbols[0].state, symbols[1].symbol, symbols[1].state]).toEqual([
    code,
    state,
    'passed',
    'GBPUSD',
    state,
  ]);
  expect(await refusal(shell)).toContain(`${state} (GBPUSD)`);
});

test("a symbol whose bars are deleted on both sides stands in nobody's way", async () => {
  const shell = await desk({ sessions: 5 });
  await recordSessions(shell, { symbol: 'LTCUSD', sessions: 1 });
  const { code, out } = await shell.run(['parity', '--json']);
  expect([code, JSON.parse(out).symbols.map((s: { symbol: string }) => s.symbol)]).toEqual([0, ['BTCUSD']]);
  expect((await shell.run(['parity', '--symbol', 'LTCUSD'])).code).toBe(4);
});

test('an incumbent that keeps its bars in the older form is a side like any other', async () => {
  const shell = await deskShell(async (engines) => {
    await onKafka(engines, 'BTCUSD', minute());
    await engines.keys.set('bars:BTCUSD:1m', `[[${minute() / 1000},1,1,1,1,1]]`);
  });
  await recordSessions(shell, { sessions: 5 });
  expect((await shell.run(['promote', '--reason', 'gate passed'])).code).toBe(0);
});

test('made-up sessions are shown apart, and never count', async () => {
  const shell = await desk({ sessions: 5, demo: true });
  const { code, out } = await shell.run(['parity']);
  expect(code).toBe(3);
  expect(out).toMatch(/BTCUSD +too few sessions +0 of 5[\s\S]*Demo: [\s\S]*BTCUSD +passed +5 of 5/);
  expect(await refusal(shell)).toContain('too few sessions (BTCUSD)');
});

test('sessions that agreed only within a wider tolerance than the configured one prove nothing', async () => {
  const shell = await desk({ sessions: 5, tolerance: { priceTicks: 1_000_000_000, priceDerived: false } });
  const { code, out } = await shell.run(['parity']);
  expect([code, out]).toEqual([3, expect.stringContaining('wider tolerance')]);
  expect(await refusal(shell)).toContain('too few sessions (BTCUSD)');
});
