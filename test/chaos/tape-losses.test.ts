import { Admin } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { kafkaRecordLog } from '../../src/adapters/record-log/kafka.ts';
import { defaultBarOptions } from '../../src/domain/bar/bar-options.ts';
import type { NewRecord, RecordLog } from '../../src/ports/record-log.ts';
import { CandidateBars } from '../../src/services/bars/candidate.ts';
import { CandidateMember, lastBars, partialBars, RETRY_REFUSED } from '../support/candidate-member.ts';
import { type KafkaBroker, kafkaAvailable, startKafka } from '../support/kafka-broker.ts';
import { type RecordingJournal, recordingJournal } from '../support/recording-journal.ts';

/* Topics that are truncated, deleted and made anew, or refused, under the candidate: told, counted, and nothing silently skipped. */

const clock = systemClock();
const TEN = Date.UTC(2020, 0, 30, 10);
/** The ticks are of 2014: a broker that looks at its retention would drop them. */
const FOR_EVER_MS = 3_000_000_000_000;

interface Running {
  readonly journal: RecordingJournal;
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

const missing = await kafkaAvailable();
if (missing !== null && process.env.PULSE_REQUIRE_ENGINES === '1')
  throw new Error(`PULSE_REQUIRE_ENGINES is set, and Kafka is not available: ${missing}`);

describe.skipIf(missing !== null)(
  `ticks that are gone from the log${missing === null ? '' : ` (skipped, because ${missing})`}`,
  { timeout: 90_000 },
  () => {
    let broker: KafkaBroker;
    let log: RecordLog;
    let admin: Admin;
    beforeAll(async () => {
      broker = await startKafka();
      log = kafkaRecordLog({ brokers: [broker.bootstrap], clientId: 'losses', clock });
      admin = new Admin({ clientId: 'operator', bootstrapBrokers: [broker.bootstrap] });
    }, 120_000);
    afterAll(async () => {
      await log?.close();
      await admin?.close();
      await broker?.dispose();
    }, 60_000);

    const tick = (symbol: string, seconds: number): NewRecord => ({
      topic: `ticks.${symbol}`,
      key: symbol,
      value: Buffer.from(JSON.stringify({ ts: TEN + seconds * 1_000, price: (1_000 + seconds) / 1_000, volume: 1 })),
      timestamp: TEN + seconds * 1_000,
    });
    const ticks = (symbol: string, ...seconds: number[]): Promise<void> =>
      log.append(seconds.map((each) => tick(symbol, each)));

    /** A candidate of its own group. */
    function start(symbol: string): Running {
      const journal = recordingJournal();
      const metrics = prometheusMetrics({ process: false });
      const own = kafkaRecordLog({ brokers: [broker.bootstrap], clientId: 'candidate', clock, topicPollMs: 200 });
      const only: RecordLog = {
        ...own,
        consume: (options, handle, signal) =>
          own.consume({ ...options, topics: { topics: [`ticks.${symbol}`] } }, handle, signal),
      };
      const bars = new CandidateBars(
        { log: only, clock, metrics, journal },
        { bars: defaultBarOptions, nonPositive: () => false, group: `bars-${symbol}`, lagLimit: 1_000 },
      );
      const end = new AbortController();
      const running = bars.run(end.signal);
      return {
        journal,
        metrics: () => metrics.text(),
        async stop() {
          end.abort();
          await running;
          await own.close();
        },
      };
    }

    async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
      for (const begun = clock.monotonic(); !(await condition()); await clock.sleep(100))
        if (clock.monotonic() - begun > 30_000) throw new Error(`waited in vain until ${what}`);
    }

    const bars = (symbol: string): Promise<string[]> => lastBars(log, `bars.${symbol}.1m`);
    const closes = (symbol: string, minute: string): Promise<void> =>
      until(`${minute} is closed`, async () => (await bars(symbol)).some((bar) => bar.startsWith(minute)));

    /** A candidate took a minute and the beginning of the next, committed, and ended. */
    async function followed(symbol: string): Promise<void> {
      await log.createTopics([{ topic: `ticks.${symbol}`, retentionMs: FOR_EVER_MS }]);
      await ticks(symbol, 1, 61, 64);
      const candidate = start(symbol);
      await closes(symbol, '10:00');
      await until('it is committed', async () => (await log.committed(`bars-${symbol}`))[0]?.offset === 3);
      await candidate.stop();
    }

    test('by retention, while nobody took them: told, and the minutes around are partial', async () => {
      await followed('CUT');
      await ticks('CUT', 65, 66, 125, 190, 254);
      await admin.deleteRecords({ topics: [{ name: 'ticks.CUT', partitions: [{ partition: 0, offset: 5n }] }] });
      const candidate = start('CUT');
      await closes('CUT', '10:03');
      expect(await bars('CUT')).toEqual([
        '10:00 n=1 v=1 c=1.001',
        '10:01 n=2 v=2 c=1.064',
        '10:02 n=1 v=1 c=1.125',
        '10:03 n=1 v=1 c=1.19',
      ]);
      expect(await partialBars(log, 'bars.CUT.1m')).toEqual(expect.arrayContaining(['10:01', '10:02']));
      expect(await partialBars(log, 'bars.CUT.1m')).not.toContain('10:03');
      expect(candidate.journal.codes()).toContain('log.truncated');
      expect(await candidate.metrics()).toContain('pulse_bars_truncated_records_total 2');
      await candidate.stop();
    });

    async function madeAnew(symbol: string): Promise<void> {
      await admin.deleteTopics({ topics: [`ticks.${symbol}`] });
      await until('it is gone', async () => !(await log.topics()).includes(`ticks.${symbol}`));
      await log.createTopics([{ topic: `ticks.${symbol}`, retentionMs: FOR_EVER_MS }]);
    }

    test('with a topic that was made anew while nobody followed it, and holds more by now: its bars are whole', async () => {
      await followed('ANEW');
      await madeAnew('ANEW');
      await ticks('ANEW', 601, 602, 603, 661, 662, 663, 721, 725, 785);
      const candidate = start('ANEW');
      await closes('ANEW', '10:12');
      expect(await bars('ANEW')).toEqual([
        '10:00 n=1 v=1 c=1.001',
        '10:10 n=3 v=3 c=1.603',
        '10:11 n=3 v=3 c=1.663',
        '10:12 n=2 v=2 c=1.725',
      ]);
      expect(candidate.journal.codes()).toContain('topic.made-anew');
      await candidate.stop();
      // From now on the checkpoints of the new topic count, though the old ones stand beside them.
      await ticks('ANEW', 786, 845, 848);
      const next = start('ANEW');
      await closes('ANEW', '10:13');
      expect((await bars('ANEW')).at(-1)).toBe('10:13 n=2 v=2 c=1.786');
      await next.stop();
    });

    test('with a topic that is deleted and made anew under a running candidate: it goes on with what the new one holds', async () => {
      await log.createTopics([{ topic: 'ticks.LIVE' }]);
      await ticks('LIVE', 1, 61, 64);
      const candidate = start('LIVE');
      await closes('LIVE', '10:00');
      await madeAnew('LIVE');
      await ticks('LIVE', 601, 602, 661, 664);
      await closes('LIVE', '10:10');
      expect(await bars('LIVE')).toEqual(['10:00 n=1 v=1 c=1.001', '10:10 n=2 v=2 c=1.602']);
      expect(candidate.journal.codes()).toContain('topic.made-anew');
      expect(await candidate.metrics()).toMatch(/pulse_bars_tape_losses_total\{reason="made-anew"\} [1-9]/);
      await ticks('LIVE', 724);
      await closes('LIVE', '10:11');
      await candidate.stop();
    });

    test('a topic of bars that Kafka refuses stops no other; once it can be made, its bars are built from the beginning', async () => {
      await log.createTopics(['ticks.BRK.B', 'ticks.OTHER', 'bars.BRK_B.1m'].map((topic) => ({ topic })));
      await Promise.all([ticks('BRK.B', 1, 2, 70), ticks('OTHER', 1, 70)]);
      const committed = { 'ticks.BRK.B': 0, 'ticks.OTHER': 0 };
      const member = new CandidateMember(log, { now: TEN + 71_000, committed });
      expect(await member.take(0)).toEqual([{ topic: 'ticks.OTHER', partition: 0, offset: 2 }]);
      expect(await bars('OTHER')).toEqual(['10:00 n=1 v=1 c=1.001']);
      expect(member.journal.codes()).toContain('topic.refused');
      await admin.deleteTopics({ topics: ['bars.BRK_B.1m'] });
      await until('it is gone', async () => !(await log.topics()).includes('bars.BRK_B.1m'));
      await member.beat(RETRY_REFUSED);
      expect(member.journal.codes()).toContain('topic.accepted');
      await ticks('BRK.B', 125);
      expect(await member.take(3)).toEqual([{ topic: 'ticks.BRK.B', partition: 0, offset: 4 }]);
      expect(await bars('BRK.B')).toEqual(['10:00 n=2 v=2 c=1.002', '10:01 n=1 v=1 c=1.07']);
    });
  },
);
