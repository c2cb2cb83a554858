import type { Service } from '../../src/ports/service.ts';
import { Life, type Nature } from './life.ts';

/** How a process came to its end. */
export interface Ending {
  readonly process: string;
  readonly how: 'killed' | 'stopped' | 'failed' | 'ended by itself';
  readonly at: number;
  /** The error, where it failed: its code, and what it says. */
  readonly error: string | null;
}

const RESTART_MS = 1_000;
/** A service drains within this (milliseconds); beyond it whoever runs it kills it. */
const DRAIN_MS = 10_000;

/** A process that is run by somebody who starts it again: one life after the other. */
export class SimulatedProcess {
  readonly name: string;
  readonly endings: Ending[] = [];
  onEnding: ((ending: Ending) => void) | null = null;
  readonly #nature: Nature;
  readonly #make: (life: Life, run: number) => Service;
  life: Life | null = null;
  service: Service | null = null;
  /** Its machine's wall clock is ahead by so many milliseconds. */
  clockOffset = 0;
  /** Milliseconds that the longest orderly end took. */
  slowestStop = 0;
  #runs = 0;
  #end: AbortController | null = null;
  /** Without the time that it was paused. */
  #stoppedAt: number | null = null;
  #downFor: number | null = null;

  constructor(name: string, nature: Nature, make: (life: Life, run: number) => Service) {
    this.name = name;
    this.#nature = nature;
    this.#make = make;
  }

  get runs(): number {
    return this.#runs;
  }

  start(): void {
    if (this.life !== null) return;
    this.#runs += 1;
    const life = new Life(this.name, this.#nature, this.clockOffset);
    this.life = life;
    life.onKilled = () => this.#over(life, 'killed', null);
    const service = this.#make(life, this.#runs);
    this.service = service;
    const end = new AbortController();
    this.#end = end;
    this.#stoppedAt = null;
    service.run(end.signal).then(
      () => this.#over(life, end.signal.aborted ? 'stopped' : 'ended by itself', null),
      (error: unknown) => this.#over(life, 'failed', describe(error)),
    );
  }

  /** As on SIGKILL, in place of its `count`th completion from now on; it is started again after `downMs`. */
  kill(count: number, downMs: number): void {
    this.#downFor = downMs;
    this.life?.killIn(count);
  }

  /** Kills it now, whatever it does; nobody starts it again. */
  remove(): void {
    this.#downFor = Number.POSITIVE_INFINITY;
    this.life?.kill();
  }

  /** As on SIGTERM; started again `downMs` after its end. */
  stop(downMs: number): void {
    if (this.life === null || this.#stoppedAt !== null) return;
    this.#downFor = downMs;
    const life = this.life;
    this.#stoppedAt = this.#nature.scheduler.now - life.pausedFor;
    this.#end?.abort();
    // Whoever runs it waits for it only while it is not paused.
    const hurry = (): void => {
      if (this.life !== life || this.#stoppedAt === null) return;
      const left = this.#stoppedAt + DRAIN_MS - (this.#nature.scheduler.now - life.pausedFor);
      if (left > 0) return void life.later(left, 'must have ended', hurry);
      this.slowestStop = Math.max(this.slowestStop, DRAIN_MS + 1);
      life.kill();
    };
    life.later(DRAIN_MS, 'must have ended', hurry);
  }

  stepClock(byMs: number): void {
    this.clockOffset += byMs;
    if (this.life !== null) this.life.clockOffset = this.clockOffset;
  }

  #over(life: Life, how: Ending['how'], error: string | null): void {
    if (this.life !== life) return;
    const { scheduler } = this.#nature;
    if (how === 'stopped' && this.#stoppedAt !== null)
      this.slowestStop = Math.max(this.slowestStop, scheduler.now - life.pausedFor - this.#stoppedAt);
    const ending = { process: this.name, how, at: scheduler.now, error };
    this.endings.push(ending);
    this.onEnding?.(ending);
    scheduler.note(`${this.name} ${how}`);
    life.alive = false;
    this.life = null;
    this.service = null;
    const down = this.#downFor ?? RESTART_MS;
    this.#downFor = null;
    if (Number.isFinite(down)) scheduler.after(down, `${this.name} starts again`, () => this.start());
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? `${String(error.code)}: ` : '';
  return code + (code === '' ? (error.stack ?? error.message) : error.message);
}
