import type { Clock } from '../../src/ports/clock.ts';
import type { Random } from '../../src/ports/random.ts';
import type { Scheduler } from './scheduler.ts';

/** Where requests go: it can be away, and answers in the order of the requests of each life. */
export interface Server {
  readonly name: string;
  /** What waits while it stands still, and answers nobody; null while it works. */
  stalled: (() => void)[] | null;
  /** What is told of a request that was not answered in time. */
  readonly timeout: () => Error;
  /** Why a request of this life fails now; null where it is served. */
  refusal(life: Life): Error | null;
  /** Whether the answer of a request that was served gets lost on its way, and what is told instead. */
  answerLost(life: Life, label: string): Error | null;
}

/** What a simulation's time and chance are. */
export interface Nature {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Epoch milliseconds at which the simulation begins. */
  readonly start: number;
}

/** How long an answer is waited for, milliseconds. */
const TIMEOUT_MS = 5_000;

interface Wire {
  sent: number;
  answered: number;
}

/**
 * One life of a process, from its start to its end. Whatever completes for it comes through `arrive`, and there a process can be held
 * (SIGSTOP) or ended (SIGKILL) between any two steps of its code.
 */
export class Life {
  readonly name: string;
  readonly clock: Clock;
  readonly nature: Nature;
  alive = true;
  /** Its wall clock is ahead of the true time by so many milliseconds. */
  clockOffset: number;
  /** Told once it was killed. */
  onKilled: (() => void) | null = null;
  #held: { label: string; run: () => void }[] | null = null;
  #heldAt = 0;
  #heldFor = 0;
  #killIn: number | null = null;
  readonly #wires = new Map<string, Wire>();
  readonly #begun: number;

  constructor(name: string, nature: Nature, clockOffset = 0) {
    this.name = name;
    this.nature = nature;
    this.clockOffset = clockOffset;
    this.#begun = nature.scheduler.now;
    this.clock = this.#makeClock();
  }

  get paused(): boolean {
    return this.#held !== null;
  }

  /** Everything that it waits for never comes. */
  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#held = null;
    this.onKilled?.();
  }

  /** Kills it in place of its `count`th completion from now on: between two steps, wherever it then stands. */
  killIn(count: number): void {
    this.#killIn = count;
  }

  pause(): void {
    if (!this.alive || this.#held !== null) return;
    this.#held = [];
    this.#heldAt = this.nature.scheduler.now;
  }

  /** Milliseconds that it was paused so far. */
  get pausedFor(): number {
    return this.#heldFor + (this.#held === null ? 0 : this.nature.scheduler.now - this.#heldAt);
  }

  /** What came meanwhile comes now, in order. */
  resume(): void {
    const held = this.#held;
    if (held === null) return;
    this.#heldFor += this.nature.scheduler.now - this.#heldAt;
    this.#held = null;
    for (const { label, run } of held) this.nature.scheduler.after(0, `${label} (held)`, () => this.arrive(label, run));
  }

  /** Something completes for this process. */
  arrive(label: string, run: () => void): void {
    if (!this.alive) return;
    if (this.#held !== null) {
      this.#held.push({ label, run });
      return;
    }
    if (this.#killIn !== null) {
      this.#killIn -= 1;
      if (this.#killIn <= 0) return this.kill();
    }
    run();
  }

  /** Lets something complete for this process after `ms`. */
  later(ms: number, label: string, run: () => void): { cancelled: boolean } {
    const full = `${this.name} ${label}`;
    return this.nature.scheduler.after(ms, full, () => this.arrive(full, run));
  }

  /**
   * Asks a server: `effect` happens there a while later, and its outcome is known here a while after that. What was asked before the end
   * of this life may still be done after it.
   */
  call<T>(server: Server, label: string, effect: () => T, doneAt?: (done: T) => number): Promise<T> {
    const { scheduler } = this.nature;
    const wire = this.#wires.get(server.name) ?? { sent: 0, answered: 0 };
    this.#wires.set(server.name, wire);
    wire.sent = Math.max(wire.sent, scheduler.now + this.latency());
    const asked = `${this.name} > ${server.name} ${label}`;
    return new Promise<T>((resolve, reject) => {
      const serve = (): void => {
        if (server.stalled !== null) {
          server.stalled.push(serve);
          // Whoever asked gives up; what it asked for may be done all the same, later.
          this.later(TIMEOUT_MS, `${label} times out`, () => reject(server.timeout()));
          return;
        }
        if (!this.alive && this.nature.random.next() < 0.5) return;
        let settle: () => void;
        let at = 0;
        const refused = server.refusal(this);
        if (refused !== null) settle = () => reject(refused);
        else
          try {
            const done = effect();
            at = doneAt?.(done) ?? 0;
            const lost = server.answerLost(this, label);
            settle = lost === null ? () => resolve(done) : () => reject(lost);
          } catch (error) {
            settle = () => reject(error);
          }
        wire.answered = Math.max(wire.answered, at, scheduler.now + this.latency());
        const answer = `${this.name} < ${server.name} ${label}`;
        scheduler.at(wire.answered, answer, () => this.arrive(answer, settle));
      };
      scheduler.at(wire.sent, asked, serve);
    });
  }

  /** Milliseconds that something takes on its way: mostly short, now and then long. */
  latency(): number {
    const { random } = this.nature;
    const base = 0.1 + random.next() * 2;
    return random.int(20) === 0 ? base + random.next() * 30 : base;
  }

  #makeClock(): Clock {
    const { scheduler, start } = this.nature;
    return {
      now: () => start + Math.floor(scheduler.now + this.clockOffset),
      monotonic: () => scheduler.now - this.#begun,
      sleep: (ms, signal) => {
        if (signal?.aborted) return Promise.resolve();
        return new Promise((resolve) => {
          const done = (): void => {
            timer.cancelled = true;
            signal?.removeEventListener('abort', done);
            resolve();
          };
          const timer = this.later(Math.max(0, ms), `slept ${ms}`, done);
          signal?.addEventListener('abort', done, { once: true });
        });
      },
      every: (ms, tick, signal) => {
        if (signal.aborted) return;
        let running = false;
        const again = async (): Promise<void> => {
          // It was due, and held, when it was called off.
          if (signal.aborted) return;
          timer = this.later(ms, `every ${ms}`, again);
          if (running) return;
          running = true;
          try {
            await tick();
          } finally {
            running = false;
          }
        };
        let timer = this.later(ms, `every ${ms}`, again);
        signal.addEventListener('abort', () => void (timer.cancelled = true), { once: true });
      },
    };
  }
}
