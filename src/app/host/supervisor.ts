import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Random } from '../../ports/random.ts';
import type { Readiness, Service } from '../../ports/service.ts';
import { untilAborted } from '../../ports/until-aborted.ts';

/** A service to run. */
export interface Hosted {
  readonly name: string;
  /** Makes the service, engines and all; called anew for each attempt. Rejects with a PulseError. */
  make(): Service | Promise<Service>;
}

export interface SupervisorNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly journal: Journal;
}

export type ServiceState = 'starting' | 'running' | 'waiting' | 'draining' | 'ended' | 'failed';

export interface ServiceReport extends Readiness {
  readonly state: ServiceState;
  readonly figures: Readonly<Record<string, number | string>>;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** A service that ran for this long before it failed starts with the shortest wait again. */
const STEADY_MS = 60_000;

/** Any error as one of the closed list: what is none of ours is a defect. */
export function pulseError(error: unknown): PulseError {
  if (error instanceof PulseError) return error;
  return new PulseError(
    'host.unexpected',
    { reason: error instanceof Error ? error.message : String(error) },
    { cause: error },
  );
}

/** Keeps one service running: what a retry can mend is tried again with a growing wait, anything else ends it. */
export class Supervisor {
  readonly name: string;
  readonly #hosted: Hosted;
  readonly #needs: SupervisorNeeds;
  readonly #up: { set(value: number, labels: { service: string }): void };
  readonly #retries: { inc(by: number, labels: { service: string; code: string }): void };
  #service: Service | null = null;
  #state: ServiceState = 'starting';
  #trouble: PulseError | null = null;

  constructor(hosted: Hosted, needs: SupervisorNeeds) {
    this.name = hosted.name;
    this.#hosted = hosted;
    this.#needs = needs;
    this.#up = needs.metrics.gauge('pulse_service_up');
    this.#retries = needs.metrics.counter('pulse_service_retries_total');
    this.#up.set(0, { service: this.name });
  }

  /** Resolves when the service has ended by itself or after `signal`. Rejects with the PulseError that ended it. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#needs;
    signal.addEventListener('abort', () => this.#drain(), { once: true });
    for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
      const begun = clock.monotonic();
      try {
        await this.#attempt(signal);
        this.#state = 'ended';
        return;
      } catch (thrown) {
        const error = pulseError(thrown);
        if (!error.retry) return this.#fail(error);
        // Told to end while an engine is away: it has nothing to wait for any more.
        if (signal.aborted) break;
        this.#waitFor(error);
        if (clock.monotonic() - begun > STEADY_MS) wait = FIRST_WAIT_MS;
        // Services that lost the same engine must not come back in step.
        await clock.sleep(wait * (0.75 + random.next() / 2), signal);
      } finally {
        this.#up.set(0, { service: this.name });
      }
    }
    this.#state = 'ended';
  }

  report(): ServiceReport {
    const figures = this.#service?.figures() ?? {};
    return { state: this.#state, ...this.#readiness(), figures };
  }

  #readiness(): Readiness {
    switch (this.#state) {
      case 'running':
        return this.#service?.readiness() ?? { ready: false, detail: 'starts' };
      case 'waiting':
      case 'failed':
        return { ready: false, detail: this.#trouble?.message ?? '' };
      case 'ended':
        // A replay that is over is done, not broken.
        return { ready: true, detail: 'has ended' };
      default:
        return { ready: false, detail: this.#state === 'draining' ? 'drains' : 'starts' };
    }
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    // An engine may take long to open: whoever is told to end does not wait for it, since there is nothing to drain yet.
    const service = await Promise.race([this.#hosted.make(), untilAborted(signal)]);
    if (service === null || signal.aborted) return;
    this.#service = service;
    this.#state = 'running';
    this.#up.set(1, { service: this.name });
    if (this.#trouble !== null) {
      this.#trouble = null;
      this.#needs.journal.event('info', 'engine.restored', `${this.name} runs again`);
    }
    await service.run(signal);
  }

  #waitFor(error: PulseError): void {
    this.#state = 'waiting';
    this.#retries.inc(1, { service: this.name, code: error.code });
    // Told once: /ready and the counter show that it lasts.
    if (this.#trouble?.message !== error.message)
      this.#needs.journal.event('warn', 'engine.lost', error.message, { code: error.code });
    this.#trouble = error;
  }

  #drain(): void {
    if (this.#state === 'running' || this.#state === 'starting') this.#state = 'draining';
  }

  #fail(error: PulseError): never {
    this.#state = 'failed';
    this.#trouble = error;
    // The place is of use for a defect only; what is expected to happen says all in its message.
    const stack = error.code === 'host.unexpected' && error.cause instanceof Error ? { stack: error.cause.stack } : {};
    this.#needs.journal.event('error', 'service.failed', error.message, {
      code: error.code,
      exit: error.exit,
      ...stack,
    });
    throw error;
  }
}
