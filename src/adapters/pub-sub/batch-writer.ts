import type { Clock } from '../../ports/clock.ts';
import { ChannelNumbers } from './channel-numbers.ts';
import type { MessageBatch } from './subscription-news.ts';

/** Payloads of one batch: few enough that one message that somebody keeps holds little else in memory. */
const BATCH_BYTES = 64 * 1024;
const BATCH_MESSAGES = 4_096;
const MOST_CHANNELS = 65_536;

/** Collects messages out of bytes that will be overwritten, and copies them, closely packed, into a batch. */
export class BatchWriter {
  readonly #give: (batch: MessageBatch) => void;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #channels = new ChannelNumbers(MOST_CHANNELS);
  /** Number of the channel and length of the payload, in turns. */
  readonly #index = new Uint32Array(2 * BATCH_MESSAGES);
  readonly #starts = new Uint32Array(BATCH_MESSAGES);
  #count = 0;
  #size = 0;
  #bytes: Buffer | null = null;

  constructor(clock: Pick<Clock, 'now'>, give: (batch: MessageBatch) => void) {
    this.#clock = clock;
    this.#give = give;
  }

  message(bytes: Buffer, channelFrom: number, channelTo: number, payloadFrom: number, payloadTo: number): void {
    if (this.#channels.full) {
      this.flush();
      this.#channels.clear();
    }
    const at = this.#count;
    this.#index[2 * at] = this.#channels.of(bytes, channelFrom, channelTo);
    this.#index[2 * at + 1] = payloadTo - payloadFrom;
    this.#starts[at] = payloadFrom;
    this.#count = at + 1;
    this.#size += payloadTo - payloadFrom;
    this.#bytes = bytes;
    if (this.#size >= BATCH_BYTES || this.#count === BATCH_MESSAGES) this.flush();
  }

  /** Gives what was collected; to be called before the bytes are overwritten. */
  flush(): void {
    const bytes = this.#bytes;
    if (bytes === null) return;
    const payloads = Buffer.allocUnsafeSlow(this.#size);
    let to = 0;
    for (let i = 0; i < this.#count; i += 1) {
      const from = this.#starts[i]!;
      const length = this.#index[2 * i + 1]!;
      payloads.set(bytes.subarray(from, from + length), to);
      to += length;
    }
    const index = this.#index.slice(0, 2 * this.#count);
    this.#count = 0;
    this.#size = 0;
    this.#bytes = null;
    const at = this.#clock.now();
    this.#give({ kind: 'messages', at, payloads: payloads.buffer, index, ...this.#channels.take() });
  }
}
