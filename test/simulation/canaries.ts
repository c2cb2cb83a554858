import { PulseError } from '../../src/domain/errors/errors.ts';
import type { NewRecord, RecordLog } from '../../src/ports/record-log.ts';
import type { TapeTick } from '../../src/ports/tick-tape.ts';
import { simulatedPubSub } from './engines/pub-sub.ts';
import type { Complaint } from './oracle/evidence.ts';
import type { Engines, Place, Wiring } from './services.ts';

/** A fault, of the past or near to one, put back by how the parts are put together: the oracle must find it. */
export interface Canary {
  readonly about: string;
  readonly wiring: Wiring;
  /** What the oracle must say of it: one of these. */
  readonly finds: readonly Complaint['kind'][];
}

/** Puts something else in place of the engines of one service. */
const at = (service: Place['service'], change: (engines: Engines, place: Place) => Partial<Engines>): Wiring => ({
  engines: (engines, place) => (place.service === service ? { ...engines, ...change(engines, place) } : engines),
});

/** A log whose appends are others. */
const appending = (log: RecordLog, append: (records: readonly NewRecord[]) => Promise<void>): RecordLog => ({
  ...log,
  append,
});

const isGap = ({ topic }: NewRecord): boolean => topic === 'mirror.gaps';
const isTick = ({ topic }: NewRecord): boolean => topic.startsWith('ticks.') && topic !== 'ticks.rejected';

const withoutEpoch = (record: NewRecord): NewRecord => ({
  ...record,
  headers: new Map([...(record.headers ?? [])].filter(([name]) => name !== 'epoch' && name !== 'follows')),
});

/** What was published of a symbol before this life, where nothing of it is in the log. */
const hidesNewSymbols = ({ streams }: Engines, { life, kafka }: Place): Partial<Engines> => {
  const begun = life.clock.now();
  return {
    streams: {
      ...streams,
      async range(...asked) {
        const entries = await streams.range(...asked);
        // Asked for one entry: whether the stream reaches back.
        if (asked[3] === 1) return entries;
        return entries.filter(
          ({ id, fields }) =>
            Number(id.split('-')[0]) >= begun || kafka.topics.has(`ticks.${fields.symbol?.toString()}`),
        );
      },
    },
  };
};

/** Every so many ticks one that is given out is not among what was. */
function dropping(every: number): Wiring {
  return {
    tape: (tape, { service }) => {
      if (service !== 'mirror') return tape;
      let seen = 0;
      let left = 0;
      const drops = (ticks: readonly TapeTick[]): TapeTick[] =>
        ticks.filter(() => {
          seen += 1;
          if (seen % every !== 0 || ticks.length === 1) return true;
          left += 1;
          return false;
        });
      return new Proxy(tape, {
        get(target, name) {
          if (name === 'next') return async (max: number) => drops(await target.next(max));
          if (name === 'taken')
            return (count: number) => {
              const all = count + left;
              left = 0;
              return target.taken(all);
            };
          const value = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
  };
}

export const canaries: Readonly<Record<string, Canary>> = {
  'back-fill by receipt time': {
    about:
      'what was published of a symbol that is not in the log yet, before the subscription began, is left out of its gap (point 1)',
    wiring: at('mirror', hidesNewSymbols),
    finds: ['lost'],
  },
  'one bad topic': {
    about: 'a topic that the log will not have makes the whole append be refused (point 2)',
    wiring: at('mirror', ({ log }) => ({
      log: {
        ...log,
        async createTopics(specs) {
          const refused = await log.createTopics(specs);
          if (refused.length > 0) throw new PulseError('log.refused', { at: 'kafka', reason: refused[0]!.reason });
          return refused;
        },
      },
    })),
    finds: ['stopped'],
  },
  'watchdog behind the backlog': {
    about:
      'a connection through which messages flow is dropped because the answer to a PING waits behind them (point 3)',
    wiring: at('mirror', (_, { redis, life }) => ({ pubsub: simulatedPubSub(redis, life, 'answers') })),
    finds: ['reason of gap'],
  },
  'two mirrors': {
    about: 'a lease that everybody gets, and records without an epoch (point 4)',
    wiring: at('mirror', ({ lease, log }) => ({
      lease: {
        ...lease,
        acquire: (name, holder, terms) => lease.acquire(`${name} ${holder}`, holder, terms),
        renew: (name, holder, epoch, terms) => lease.renew(`${name} ${holder}`, holder, epoch, terms),
        release: (name, holder, epoch) => lease.release(`${name} ${holder}`, holder, epoch),
      },
      log: appending(log, (records) => log.append(records.map(withoutEpoch))),
    })),
    finds: ['doubled'],
  },
  'gap left open': {
    about: 'a gap that another run filled is not closed (point 5)',
    wiring: at('mirror', ({ log }, { life }) => ({
      log: appending(log, (records) => {
        const kept = records.filter((record) => {
          if (!isGap(record) || record.value === null) return true;
          const gap = JSON.parse(record.value.toString());
          return gap.status !== 'closed' || (gap.settledBy === undefined && gap.instance.startsWith(life.name));
        });
        return log.append(kept);
      }),
    })),
    finds: ['gap left open'],
  },
  'stop that waits for the log': {
    about: 'what waits is put onto disk only after a log that is away has been waited for (point 6)',
    wiring: {
      tape: (tape, { service, life, kafka }) =>
        service !== 'mirror'
          ? tape
          : new Proxy(tape, {
              get(target, name) {
                if (name === 'park')
                  return async () => {
                    if (kafka.away) await life.clock.sleep(11_000);
                    return target.park();
                  };
                const value = Reflect.get(target, name, target);
                return typeof value === 'function' ? value.bind(target) : value;
              },
            }),
    },
    finds: ['slow to stop'],
  },
  'gap closed too early': {
    about: 'every gap is told as closed',
    wiring: at('mirror', ({ log }) => ({
      log: appending(log, (records) =>
        log.append(
          records.map((record) =>
            isGap(record) && record.value !== null
              ? {
                  ...record,
                  value: Buffer.from(record.value.toString().replace('"status":"open"', '"status":"closed"')),
                }
              : record,
          ),
        ),
      ),
    })),
    finds: ['lost'],
  },
  'tick dropped': {
    about: 'one of 97 ticks that the tape gives out is dropped',
    wiring: dropping(97),
    finds: ['lost'],
  },
  'append doubled': {
    about: 'an append that is not answered is made again at once',
    wiring: at('mirror', ({ log }) => ({
      log: appending(log, async (records) => {
        try {
          await log.append(records);
        } catch (error) {
          if (!(error instanceof PulseError && error.code === 'log.unavailable') || !records.some(isTick)) throw error;
          await log.append(records);
        }
      }),
    })),
    finds: ['doubled', 'out of order'],
  },
  'a side compared with itself': {
    about: 'reconcile takes the candidate for both sides',
    wiring: { sides: ({ candidate }) => ({ incumbent: candidate, candidate }) },
    finds: ['verdict wrong'],
  },
  'commit without a checkpoint': {
    about: 'the candidate commits what it was given, whether or not it has written what it built of it',
    wiring: at('candidate', ({ log }) => ({
      log: {
        ...log,
        consume: (options, handle, signal) =>
          log.consume(
            options,
            async (records) => {
              await handle(records);
              return records.map(({ topic, partition, offset }) => ({ topic, partition, offset: offset + 1 }));
            },
            signal,
          ),
      },
    })),
    finds: ['bar wrong', 'bar missing'],
  },
};
