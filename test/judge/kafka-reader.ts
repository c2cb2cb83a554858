import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('./JudgeReader.java', import.meta.url));
const LONGEST_MS = 240_000;

/** A record as it stands in Kafka. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds, as its writer gave it. */
  readonly timestamp: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As Latin-1 text, so that equal text is equal bytes; null for a tombstone. */
  readonly value: string | null;
}

/** The first record of an epoch, when the watcher could read it. */
export interface EpochSeen {
  readonly epoch: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly instance: string;
  /** How long nothing had come before it, in milliseconds. */
  readonly silence: number;
}

/** Kafka's own client, in a Java process of its own. */
export class KafkaReader {
  readonly #child: ChildProcess;
  readonly epochs: EpochSeen[] = [];
  #line: (line: string) => void = () => undefined;
  #work: Promise<unknown> = Promise.resolve();
  #errors = '';
  watching = false;

  constructor(classPath: string, bootstrap: string) {
    const quiet = [
      '-Xmx1g',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
    ];
    this.#child = spawn('java', [...quiet, '-cp', classPath, SOURCE, bootstrap], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr!.on('data', (bytes: Buffer) => {
      this.#errors = (this.#errors + bytes.toString()).slice(-2_000);
    });
    this.#child.stdin!.on('error', () => undefined);
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const [kind, epoch, at, instance, , , , silence] = line.split('\t', 8);
      if (kind === 'E')
        this.epochs.push({ epoch: Number(epoch), at: Number(at), instance: instance!, silence: Number(silence) });
      else if (kind === 'W') this.watching = true;
      else this.#line(line);
    });
  }

  /** Every record of the topics whose whole name matches, in order per partition. */
  async read(topics: string): Promise<KafkaRecord[]> {
    const records: KafkaRecord[] = [];
    await this.#ask(`read ${topics}`, (line) => records.push(parse(line)));
    return records;
  }

  /** How many records were ever written to these topics. */
  async ends(topics: string): Promise<number> {
    let sum = 0;
    await this.#ask(`ends ${topics}`, (line) => {
      sum = Number(line.split('\t')[1]);
    });
    return sum;
  }

  /** From now on `epochs` grows. The topics have to be there. */
  watch(topics: string): Promise<void> {
    return this.#ask(`watch ${topics}`);
  }

  /** A plant: writes a record of partition 0 once more. */
  double(topic: string, offset: number): Promise<void> {
    return this.#ask(`double ${topic} ${offset}`);
  }

  /** A plant: deletes what stands before the offset in partition 0. */
  trim(topic: string, offset: number): Promise<void> {
    return this.#ask(`trim ${topic} ${offset}`);
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(command: string, take: (line: string) => void = () => undefined): Promise<void> {
    const done = this.#work.then(
      () =>
        new Promise<void>((resolve, reject) => {
          const fail = (why: string): void => reject(new Error(`${command}: ${why}\n${this.#errors}`));
          if (this.#child.exitCode !== null || this.#child.signalCode !== null) return fail('the reader has ended');
          const gone = (): void => fail('the reader ended');
          const limit = setTimeout(() => this.close(), LONGEST_MS);
          const end = (): void => {
            clearTimeout(limit);
            this.#child.removeListener('exit', gone);
          };
          this.#child.once('exit', gone);
          this.#line = (line) => {
            if (line.startsWith('. ')) end(), resolve();
            else if (line.startsWith('! ')) end(), fail(line);
            else if (line !== 'ready') take(line);
          };
          this.#child.stdin!.write(`${command}\n`);
        }),
    );
    this.#work = done.catch(() => undefined);
    return done;
  }
}

function parse(line: string): KafkaRecord {
  const [, topic, partition, offset, timestamp, headers, value] = line.split('\t');
  return {
    topic: kept(topic!),
    partition: Number(partition),
    offset: Number(offset),
    timestamp: Number(timestamp),
    headers: headersIn(headers!),
    value: value === '-' ? null : Buffer.from(value!, 'base64').toString('latin1'),
  };
}

function headersIn(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  if (text === '') return headers;
  for (const pair of text.split('&')) {
    const at = pair.indexOf('=');
    headers[kept(decoded(pair.slice(0, at)))] = kept(decoded(pair.slice(at + 1)));
  }
  return headers;
}

const known = new Map<string, string>();

/** One copy of texts that come again and again; a piece of a line would keep all of the line in memory. */
function kept(text: string): string {
  const before = known.get(text);
  if (before !== undefined) return before;
  const copy = Buffer.from(text).toString();
  if (known.size < 20_000) known.set(copy, copy);
  return copy;
}

const decoded = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));
