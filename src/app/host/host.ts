import type { PrometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { HttpServer } from '../../edge/listener.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { untilAborted } from '../../ports/until-aborted.ts';
import type { Listener } from './health-listener.ts';
import type { Journals } from './journal.ts';
import { type Hosted, pulseError, type ServiceReport, Supervisor } from './supervisor.ts';

export interface HostNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: PrometheusMetrics;
  readonly journals: Journals;
}

export interface HostOptions {
  readonly instance: string;
  readonly version: string;
  /** Listen while the services run, in this order; at least one. */
  readonly listeners: readonly Listener[];
  /** Of what the services wait for, beside their own. */
  readonly otherReports?: () => Readonly<Record<string, ServiceReport>>;
  /** Told once all listen: `http://host:port` of each. */
  readonly listening?: (
    addresses: readonly string[],
    reports: () => Readonly<Record<string, ServiceReport>>,
  ) => void | Promise<void>;
  /** How long services may take to end. Default 10 s. */
  readonly drainMs?: number;
}

const DRAIN_MS = 10_000;

/**
 * Runs services until `signal` aborts or all have ended; then drains them. Rejects with the PulseError that ended a service,
 * with `host.drain` when one did not end in time, or with what kept it from listening.
 */
export async function runHost(
  hosted: readonly Hosted[],
  needs: HostNeeds,
  options: HostOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, metrics, journals } = needs;
  const supervisors = hosted.map(
    (each) => new Supervisor(each, { clock, random, metrics, journal: journals.of(each.name) }),
  );
  const cleanReport = (report: ServiceReport): ServiceReport => ({ ...report, detail: journals.clean(report.detail) });
  const reports = (): Readonly<Record<string, ServiceReport>> =>
    Object.fromEntries(
      [
        ...supervisors.map((each) => [each.name, each.report()] as const),
        ...Object.entries(options.otherReports?.() ?? {}),
      ].map(([name, report]) => [name, cleanReport(report)]),
    );
  const begun = clock.monotonic();
  const about = () => ({
    version: options.version,
    instance: options.instance,
    uptimeSeconds: Math.floor((clock.monotonic() - begun) / 1000),
  });
  metrics.gauge('pulse_build_info').set(1, { version: options.version });

  const servers: HttpServer[] = [];
  try {
    for (const listen of options.listeners) servers.push(await listen({ metrics, about, services: reports }));
    await options.listening?.(
      servers.map(({ address }) => address),
      reports,
    );
    await runAll(supervisors, clock, options.drainMs ?? DRAIN_MS, signal);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

async function runAll(
  supervisors: readonly Supervisor[],
  clock: Clock,
  drainMs: number,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const over = new AbortController();
  const failures: PulseError[] = [];
  const running = new Set(supervisors);
  const forward = (): void => stop.abort();
  signal.addEventListener('abort', forward, { once: true });
  if (signal.aborted) forward();
  const all = Promise.all(
    supervisors.map(async (each) => {
      try {
        await each.run(stop.signal);
      } catch (error) {
        failures.push(pulseError(error));
        stop.abort();
      } finally {
        running.delete(each);
      }
    }),
  );
  const late = untilAborted(stop.signal).then(() => clock.sleep(drainMs, over.signal));
  await Promise.race([all, late]);
  over.abort();
  signal.removeEventListener('abort', forward);
  if (failures[0] !== undefined) throw failures[0];
  if (running.size > 0)
    throw new PulseError('host.drain', { services: [...running].map(({ name }) => name), seconds: drainMs / 1000 });
}
