import { globExpression } from '../../../src/adapters/glob.ts';
import { PulseError } from '../../../src/domain/errors/errors.ts';
import type { Entry, NewEntry } from '../../../src/ports/entry-stream.ts';
import type { LossReason } from '../../../src/ports/pub-sub.ts';
import type { Life, Nature, Server } from '../life.ts';

/** What comes through a subscribed connection, in order. */
export type Delivered =
  | { readonly kind: 'message'; readonly channel: string; readonly payload: Buffer }
  | { readonly kind: 'confirmed' }
  /** Answers a question that was asked through the same connection. */
  | { readonly kind: 'pong'; readonly asked: number };

/** A subscribed connection, as the server has it. */
export interface Connection {
  readonly life: Life;
  readonly matches: RegExp;
  /** Told what arrives, at the process. */
  readonly onDelivered: (delivered: Delivered) => void;
  /** Told, at the process, that the connection is gone. */
  readonly onGone: (reason: LossReason) => void;
  /** On their way: sent by the server and not taken by the process. */
  pending: { due: number; delivered: Delivered }[];
  lastDue: number;
  open: boolean;
  /** The server let it go and the process was not told: no packet says so. */
  silent: boolean;
  pumping: boolean;
}

interface StoredStream {
  readonly entries: Entry[];
  lastMs: number;
  lastSeq: number;
}

/** A lease as the server has it; `until` in milliseconds since the simulation began. */
export interface StoredLease {
  epoch: number;
  holder: string | null;
  /** With when it was told, milliseconds since the simulation began. */
  note: { readonly text: string; readonly at: number } | null;
  until: number;
}

/** A cut-off of a subscriber, as the simulation remembers it. */
export interface CutOff {
  /** Name of the process. */
  readonly process: string;
  /** Epoch milliseconds, true time. */
  readonly at: number;
  readonly reason: LossReason;
}

/** What a connection already has in its socket when the server cuts it off. */
const IN_SOCKET = 8;

/** A Redis server in memory: pub/sub with a buffer for each connection, streams, leases. What it has taken it keeps. */
export class RedisServer implements Server {
  readonly name = 'redis';
  readonly #nature: Nature;
  readonly #connections = new Set<Connection>();
  readonly streams = new Map<string, StoredStream>();
  readonly leases = new Map<string, StoredLease>();
  away = false;
  stalled: (() => void)[] | null = null;
  readonly timeout = (): Error => unavailable('no answer in time');
  /** Messages that may wait for one subscriber before it is cut off. */
  bufferLimit = Number.POSITIVE_INFINITY;
  /** Milliseconds by which deliveries to a process are late, by its name. */
  readonly lag = new Map<string, number>();
  /** How many of the next answers get lost, by the name of the process. */
  readonly losesAnswers = new Map<string, number>();
  readonly cutOffs: CutOff[] = [];
  /** The longest that any message was on its way, milliseconds. */
  slowest = 0;
  onAnswerLost: (() => void) | null = null;

  constructor(nature: Nature) {
    this.#nature = nature;
  }

  /** Epoch milliseconds by the server's clock. */
  get now(): number {
    return this.#nature.start + Math.floor(this.#nature.scheduler.now);
  }

  refusal(): Error | null {
    return this.away ? unavailable('connection refused') : null;
  }

  /** Stands still: what is asked waits. */
  stall(): void {
    this.stalled ??= [];
  }

  /** Does what was asked meanwhile, in order. */
  goOn(): void {
    const waiting = this.stalled ?? [];
    this.stalled = null;
    for (const serve of waiting) serve();
  }

  answerLost(life: Life): Error | null {
    const left = this.losesAnswers.get(life.name) ?? 0;
    if (left === 0) return null;
    this.losesAnswers.set(life.name, left - 1);
    this.onAnswerLost?.();
    return unavailable('connection reset');
  }

  /** Stops answering; every connection is lost, and what was on its way. */
  goAway(): void {
    this.away = true;
    for (const connection of [...this.#connections]) this.cut(connection, 'disconnect');
  }

  publish(channel: string, payload: Buffer): number {
    let heard = 0;
    for (const connection of [...this.#connections])
      if (connection.matches.test(channel)) {
        heard += 1;
        this.#send(connection, { kind: 'message', channel, payload });
      }
    return heard;
  }

  subscribe(life: Life, pattern: string, listener: Pick<Connection, 'onDelivered' | 'onGone'>): Connection {
    const connection: Connection = {
      life,
      matches: globExpression(pattern),
      ...listener,
      pending: [],
      lastDue: 0,
      open: true,
      silent: false,
      pumping: false,
    };
    this.#connections.add(connection);
    this.#send(connection, { kind: 'confirmed' });
    return connection;
  }

  ask(connection: Connection, asked: number): void {
    if (this.stalled === null && this.#connections.has(connection)) this.#send(connection, { kind: 'pong', asked });
  }

  unsubscribe(connection: Connection): void {
    connection.open = false;
    this.#connections.delete(connection);
  }

  get connections(): Connection[] {
    return [...this.#connections];
  }

  /** The connections of a process that stand. */
  connectionsOf(process: string): Connection[] {
    return [...this.#connections].filter(({ life }) => life.name === process && life.alive);
  }

  /** A subscriber gave its connection up, since nothing came through it. */
  givenUp(connection: Connection): void {
    this.unsubscribe(connection);
    this.cutOffs.push({ process: connection.life.name, at: this.now, reason: 'disconnect' });
  }

  /** Ends a connection: what is in its socket still arrives, unless the connection itself is lost. */
  cut(connection: Connection, reason: LossReason): void {
    if (!connection.open || connection.silent) return;
    this.#connections.delete(connection);
    this.cutOffs.push({ process: connection.life.name, at: this.now, reason });
    connection.pending = reason === 'overflow' ? connection.pending.slice(0, IN_SOCKET) : [];
    const { scheduler } = this.#nature;
    const label = `${connection.life.name} connection gone`;
    const at = Math.max(
      connection.pending.length > 0 ? connection.lastDue : 0,
      scheduler.now + connection.life.latency(),
    );
    scheduler.at(at, label, () =>
      connection.life.arrive(label, () => {
        this.#pump(connection);
        if (!connection.open) return;
        connection.open = false;
        connection.onGone(reason);
      }),
    );
  }

  /** Loses a connection without a word to either side. */
  silence(connection: Connection): void {
    connection.silent = true;
    connection.pending = [];
    this.#connections.delete(connection);
    this.cutOffs.push({ process: connection.life.name, at: this.now, reason: 'disconnect' });
  }

  #send(connection: Connection, delivered: Delivered): void {
    const { scheduler } = this.#nature;
    const lag = this.lag.get(connection.life.name) ?? 0;
    const due = Math.max(connection.lastDue, scheduler.now + connection.life.latency() + lag);
    connection.lastDue = due;
    connection.pending.push({ due, delivered });
    if (connection.pending.length > this.bufferLimit) {
      this.cut(connection, 'overflow');
      return;
    }
    this.#await(connection);
  }

  #await(connection: Connection): void {
    const first = connection.pending[0];
    if (connection.pumping || !connection.open || first === undefined) return;
    connection.pumping = true;
    const label = `${connection.life.name} < redis message`;
    this.#nature.scheduler.at(first.due, label, () =>
      connection.life.arrive(label, () => {
        connection.pumping = false;
        this.#pump(connection);
        this.#await(connection);
      }),
    );
  }

  /** All that has arrived is taken in one piece, as from a socket. */
  #pump(connection: Connection): void {
    const now = this.#nature.scheduler.now;
    while (connection.open && connection.pending.length > 0 && connection.pending[0]!.due <= now) {
      const { delivered, due } = connection.pending.shift()!;
      this.slowest = Math.max(this.slowest, now - due);
      connection.onDelivered(delivered);
    }
  }

  append({ stream: name, fields, maxLen }: NewEntry): string {
    let stream = this.streams.get(name);
    if (stream === undefined) {
      stream = { entries: [], lastMs: 0, lastSeq: 0 };
      this.streams.set(name, stream);
    }
    const ms = Math.max(this.now, stream.lastMs);
    stream.lastSeq = ms === stream.lastMs ? stream.lastSeq + 1 : 0;
    stream.lastMs = ms;
    const id = `${ms}-${stream.lastSeq}`;
    const bytes = Object.entries(fields).map(([key, value]) => [key, Buffer.from(value)] as const);
    stream.entries.push({ stream: name, id, fields: Object.fromEntries(bytes) });
    if (maxLen !== undefined && stream.entries.length > maxLen)
      stream.entries.splice(0, stream.entries.length - maxLen);
    return id;
  }

  /** Keeps the newest `keep` entries of the streams whose names match; how many went. */
  trim(names: RegExp, keep: number): number {
    let gone = 0;
    for (const [name, { entries }] of this.streams)
      if (names.test(name)) gone += entries.splice(0, Math.max(0, entries.length - keep)).length;
    return gone;
  }

  range(name: string, from: string, to: string, count: number): Entry[] {
    const entries = this.streams.get(name)?.entries ?? [];
    const [low, high] = [bound(from, 'low'), bound(to, 'high')];
    const found: Entry[] = [];
    for (const entry of entries) {
      if (found.length >= count) break;
      const id = place(entry.id);
      if (above(id, low) && above(high, id)) found.push(entry);
    }
    return found;
  }

  newest(name: string, count: number, before?: string): Entry[] {
    const entries = this.streams.get(name)?.entries ?? [];
    const found: Entry[] = [];
    for (let at = entries.length - 1; at >= 0 && found.length < count; at -= 1)
      if (before === undefined || !above(place(entries[at]!.id), place(before))) found.push(entries[at]!);
    return found;
  }

  streamNames(pattern: string): string[] {
    const matches = globExpression(pattern);
    return [...this.streams.keys()].filter((name) => matches.test(name)).sort();
  }
}

const unavailable = (reason: string): PulseError => new PulseError('redis.unavailable', { at: 'redis', reason });

type Place = readonly [ms: number, seq: number];

const place = (id: string): Place => {
  const [ms, seq] = id.split('-');
  return [Number(ms), Number(seq ?? 0)];
};

/** a ≥ b. */
const above = (a: Place, b: Place): boolean => a[0] > b[0] || (a[0] === b[0] && a[1] >= b[1]);

function bound(id: string, end: 'low' | 'high'): Place {
  if (id === '-') return [0, 0];
  if (id === '+') return [Number.POSITIVE_INFINITY, 0];
  const excluded = id.startsWith('(');
  const text = excluded ? id.slice(1) : id;
  const [ms, seq] = text.includes('-') ? place(text) : [Number(text), end === 'low' ? 0 : Number.POSITIVE_INFINITY];
  if (!excluded) return [ms, seq];
  return end === 'low' ? [ms, seq + 1] : [ms, seq - 1];
}
