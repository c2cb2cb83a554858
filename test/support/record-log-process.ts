import { writeSync } from 'node:fs';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbRecordLog } from '../../src/adapters/record-log/lmdb.ts';

/**
 * A process that uses an embedded log, to be killed. Prints a line when something is done.
 *   append <folder> <topic> <key> <appends> <records>   each append's records carry rising numbers; prints how many are durable
 *   consume <folder> <topic> <group>                    commits all; prints `<key> <number>` for each record, then handles the next batch
 */
const [work, path, topic, ...rest] = process.argv.slice(2) as [string, string, string, ...string[]];
const log = lmdbRecordLog({ path, clock: systemClock() });
// Straight to the pipe: what is printed has happened, and what has happened is printed.
const print = (line: string): void => void writeSync(1, `${line}\n`);

if (work === 'append') {
  const [key, appends, records] = [rest[0]!, Number(rest[1]), Number(rest[2])];
  const [range] = await log.ranges([topic]);
  let next = key === 'only' ? (range?.end ?? 0) : 0;
  for (let i = 0; i < appends; i += 1) {
    await log.append(Array.from({ length: records }, (_, j) => ({ topic, key, value: Buffer.from(String(next + j)) })));
    next += records;
    print(String(next));
  }
} else {
  const group = rest[0]!;
  await log.consume(
    { group, topics: { topics: [topic] }, maxBatch: 20 },
    async (batch) => {
      for (const { key, value } of batch) print(`${key} ${value}`);
      return [
        ...new Map(
          batch.map(({ partition, offset }) => [partition, { topic, partition, offset: offset + 1 }]),
        ).values(),
      ];
    },
    new AbortController().signal,
  );
}
await log.close();
