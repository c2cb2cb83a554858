import { hostname } from 'node:os';
import manifest from '../../../package.json' with { type: 'json' };
import { systemClock } from '../../adapters/clock/system.ts';
import { type PrometheusMetrics, prometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { systemRandom } from '../../adapters/random/system.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { specOf } from '../config/command-specs.ts';
import type { Config } from '../config/config.ts';
import { type Engines, engines } from '../engines/composition.ts';
import { type ServerKind, watchFirstReach } from '../engines/reach.ts';
import { httpServer, type Listener, type Routes } from './health-listener.ts';
import { type HostOptions, runHost } from './host.ts';
import { type Journals, journals } from './journal.ts';
import type { Hosted } from './supervisor.ts';
import type { Terminal } from './terminal.ts';

export const version: string = manifest.version;

export interface ServeOptions extends Pick<HostOptions, 'listening' | 'otherReports'> {
  /** Paths of the process beside /health, /ready and /metrics. */
  readonly routes?: Routes;
  /** What listens, where that is more or other than the process's own server. */
  readonly listeners?: (own: Listener) => readonly Listener[];
  /** What the services have no work without: that it is not there is told from the start. */
  readonly servers?: readonly ServerKind[];
}

/** All that a command may use, made from its configuration. */
export interface Runtime {
  readonly config: Config;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: PrometheusMetrics;
  readonly journals: Journals;
  readonly engines: Engines;
  /** Name of this process in events. */
  readonly instance: string;
  readonly version: string;
  /** Aborts when the process is told to stop. */
  readonly signal: AbortSignal;
  /** Runs services until they end or are told to; resolves with exit code 0. */
  serve(hosted: readonly Hosted[], extras?: ServeOptions): Promise<number>;
  /** Sends the last events and lets the engines go. */
  close(): Promise<void>;
}

/** How long the end of a process waits for engines that may be away. */
const FLUSH_MS = 1_500;
const CLOSE_MS = 2_000;

export function makeRuntime(config: Config, terminal: Terminal, signal: AbortSignal): Runtime {
  const { values } = config;
  const clock = systemClock();
  const random = systemRandom();
  const metrics = prometheusMetrics();
  const instance = values.instance ?? `${hostname().replace(/[^A-Za-z0-9._-]/g, '-')}-${process.pid}`;
  const toError = !isService(config);
  const isTerminal = toError ? terminal.errIsTerminal : terminal.outIsTerminal;
  const journal = journals(
    { clock, metrics, write: toError ? terminal.err : terminal.out },
    {
      instance,
      level: values.logLevel,
      format: values.logFormat === 'auto' ? (isTerminal ? 'pretty' : 'json') : values.logFormat,
      colour: terminal.colour,
      topic: values.overseerTopic,
      secrets: config.secrets,
    },
  );
  const composed = engines({ config, clock, ending: signal });
  return {
    config,
    terminal,
    clock,
    random,
    metrics,
    journals: journal,
    engines: composed,
    instance,
    version,
    signal,
    async serve(hosted, { servers = [], routes, listeners = (own: Listener) => [own], ...extras } = {}) {
      if (sendsEvents(config, composed)) journal.sendTo(await composed.log());
      const host = journal.of('host');
      const over = new AbortController();
      const unreached = watchFirstReach(
        { engines: composed, config, clock },
        servers,
        host,
        AbortSignal.any([signal, over.signal]),
      );
      await runHost(
        hosted,
        { clock, random, metrics, journals: journal },
        {
          instance,
          version,
          listeners: listeners((subject) =>
            httpServer(subject, { host: values.host, port: values.port, apiKey: values.apiKey }, routes),
          ),
          otherReports: () => ({ ...extras.otherReports?.(), ...unreached() }),
          async listening(addresses, reports) {
            for (const address of addresses)
              host.event('info', 'service.started', `listens on ${address} with /health, /ready and /metrics`, {
                address,
              });
            await extras.listening?.(addresses, reports);
          },
        },
        signal,
      ).finally(() => over.abort());
      return 0;
    },
    async close() {
      await journal.flush(FLUSH_MS);
      const over = new AbortController();
      await Promise.race([composed.close(), clock.sleep(CLOSE_MS, over.signal)]);
      over.abort();
    },
  };
}

/** Whether the output of the command is its log. Of others it is the result, and the log keeps out of it. */
export function isService({ command, values }: Config): boolean {
  const { runs } = specOf(command);
  return runs === 'service' || (runs === 'watch' && values.watch !== null);
}

const sendsEvents = (config: Config, { kind }: Engines): boolean =>
  specOf(config.command).events !== 'where-log-is-set' || kind.log === 'embedded' || config.isSet('kafkaBrokers');
