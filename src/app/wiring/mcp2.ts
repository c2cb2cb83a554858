import { BAR_STREAMS, barStream } from '../../domain/bar/bar-topics.ts';
import { auditTrail } from '../../edge/audit.ts';
import { rateLimit } from '../../edge/limits.ts';
import { limitedAs } from '../../ports/caller.ts';
import type { Service } from '../../ports/service.ts';
import { guidanceUpkeep } from '../../services/desk/guidance/upkeep.ts';
import { TradeForwarder } from '../../services/desk/trades/forwarder.ts';
import { mcp2Server } from '../../services/mcp2/http/server.ts';
import { mcpRoutes } from '../../services/mcp2/mcp/http.ts';
import type { Watch } from '../../services/mcp2/mcp/tools.ts';
import { specOf } from '../config/command-specs.ts';
import { once } from '../engines/once.ts';
import { type WatchedEngine, watchEngines } from '../engines/watch.ts';
import type { Listener } from '../host/health-listener.ts';
import type { Runtime } from '../host/runtime.ts';
import type { Hosted, ServiceReport } from '../host/supervisor.ts';
import { makeDesk } from './desk.ts';

/** What a process that serves mcp2 runs. */
export interface Mcp2Serving {
  readonly listener: Listener;
  readonly hosted: readonly Hosted[];
  /** The engines that it works with, as they answer; watched until the process is told to end. */
  engineReports(): Readonly<Record<string, ServiceReport>>;
}

/** Entries of the audit that wait while the log is away: some minutes of many writes. */
const AUDIT_CAPACITY = 100_000;

export function serveMcp2(runtime: Runtime): Mcp2Serving {
  const { config, engines, clock, metrics, journals, version, signal } = runtime;
  const { values } = config;
  const journal = journals.of('mcp2');
  const mcp2 = makeDesk(runtime);
  const trail = auditTrail(
    { log: { append: async (records) => (await engines.log()).append(records) }, clock, metrics, journal },
    { topic: values.mcp2AuditTopic, capacity: AUDIT_CAPACITY },
  );
  const limitLlm = rateLimit(values.mcp2LlmRateLimit, 'requests to models', clock);
  const watch: Watch = {
    admit(action, caller) {
      if (action === 'llm.guidance') limitLlm(limitedAs(caller));
    },
    ended: (action, { name, address = 'mcp' }, id, status) =>
      trail.audit.write({ action, by: name, id, status, from: address }),
  };
  const report = (what: string, error: unknown): void => {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    journal.event('error', 'request.failed', `${what} failed: ${message}`, { stack });
  };
  // Where it cannot listen the process ends, and closes the engines: they are not lost.
  const ending = new AbortController();
  return {
    async listener(subject) {
      const server = await mcp2Server(
        {
          desk: mcp2.desk,
          subject,
          clock,
          metrics,
          journal,
          audit: trail.audit,
          limitLlm,
          mounts: [mcpRoutes({ desk: mcp2.desk, version, report, watch }, { bodyLimit: values.mcp2BodyLimit })],
        },
        serverOptions(runtime),
      ).catch((error: unknown) => {
        ending.abort();
        throw error;
      });
      mcp2.setAddress(server.address);
      // Requests end while the services do, not after them: a process that is told to end has little time.
      const closed = once(() => server.close());
      // detached: `close` below awaits the same end
      signal.addEventListener('abort', () => void closed(), { once: true });
      return {
        address: server.address,
        async close() {
          await closed();
          // Requests that ended meanwhile have left their entries.
          await trail.end();
        },
      };
    },
    hosted: [
      { name: 'trades', make: () => makeForwarder(runtime) },
      { name: 'mcp2', make: () => background(runtime, mcp2, trail.run) },
    ],
    engineReports: watchEngines(watched(runtime), {
      clock,
      journal: journals.of('host'),
      signal: AbortSignal.any([signal, ending.signal]),
    }),
  };
}

function serverOptions({ config: { values }, version }: Runtime): Parameters<typeof mcp2Server>[1] {
  const publicHost = values.mcp2PublicUrl === null ? [] : [new URL(values.mcp2PublicUrl).hostname];
  return {
    host: values.mcp2Host,
    port: values.mcp2Port,
    keys: values.mcp2Keys ?? [],
    publicUrl: values.mcp2PublicUrl,
    allowedHosts: [...(values.mcp2AllowedHosts ?? []), ...publicHost],
    corsOrigins: values.mcp2CorsOrigins ?? [],
    version,
    limits: {
      perMinute: values.mcp2RateLimit,
      bodyBytes: values.mcp2BodyLimit,
      // As JSON, in which a character may take six.
      documentBytes: values.documentMaxBytes * 6 + 4_096,
      connections: values.mcp2MaxConnections,
    },
    streams: {
      tick: (symbol) => `${values.streamVersionPrefix}:ticks:${symbol}`,
      bar: (timeframe, symbol) => barStream(BAR_STREAMS, symbol, timeframe),
    },
  };
}

async function makeForwarder({ config, engines, clock, metrics, journals, instance }: Runtime): Promise<Service> {
  const { values, command } = config;
  return new TradeForwarder(
    { store: await engines.trades(), log: await engines.log(), clock, metrics, journal: journals.of('trades') },
    {
      topic: values.tradesTopic,
      // One that has the data directory alone: what it took is its own whenever it comes back.
      forwarder: specOf(command).alone ? command : instance,
      retentionDays: values.tradeRetentionDays,
    },
  );
}

/** What mcp2 does while it waits for requests: writes the audit, embeds documents, drops old calls. */
async function background(
  { clock, metrics, config }: Runtime,
  { calls, vectors }: ReturnType<typeof makeDesk>,
  writeAudit: (signal: AbortSignal) => Promise<void>,
): Promise<Service> {
  const arm = await vectors();
  return {
    name: 'mcp2',
    async run(signal) {
      const days = config.values.guidanceRetentionDays;
      await Promise.all([
        writeAudit(signal),
        guidanceUpkeep({ calls, clock, metrics }, days, signal),
        arm?.run(signal),
      ]);
    },
    readiness: () => ({ ready: true, detail: arm?.trouble() ?? 'takes requests' }),
    figures: () => arm?.figures() ?? {},
  };
}

function watched({ engines }: Runtime): Readonly<Record<string, WatchedEngine>> {
  return {
    redis: { ping: async () => (await engines.trades()).ping(), without: 'nothing works' },
    database: { ping: async () => (await engines.database()).ping(), without: 'nothing works' },
    kafka: {
      ping: async () => (await engines.log()).ping(),
      without: { meanwhile: 'trades are taken, and wait in the queue' },
    },
  };
}
