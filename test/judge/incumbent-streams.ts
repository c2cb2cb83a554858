import type { StreamBar } from './evidence.ts';
import { RedisLine } from './resp.ts';

const BARS = 'stream:bar:1m:';
const GAPS = 'stream:bar:gaps';

/** What the incumbent wrote into Redis: every version of its bars, and of its gaps. */
export async function incumbentsWord(port: number): Promise<{ bars: StreamBar[]; gaps: string[] }> {
  const line = await RedisLine.connect(port);
  try {
    const keys = (await line.ask('KEYS', `${BARS}*`)) as Buffer[];
    const pages = await Promise.all(keys.map((key) => line.ask('XRANGE', key, '-', '+')));
    const bars = pages.flatMap((page, i) =>
      entries(page).map((fields) => ({ symbol: keys[i]!.toString().slice(BARS.length), fields })),
    );
    const gaps = entries(await line.ask('XRANGE', GAPS, '-', '+')).flatMap((fields) => gapIn(fields));
    return { bars, gaps };
  } finally {
    line.close();
  }
}

/** The fields of stream entries. */
function entries(reply: unknown): Record<string, string>[] {
  return (reply as [id: Buffer, words: Buffer[]][]).map(([, words]) => {
    const fields: Record<string, string> = {};
    for (let i = 0; i + 1 < words.length; i += 2) fields[words[i]!.toString()] = words[i + 1]!.toString();
    return fields;
  });
}

/** A gap stands as JSON in one of the fields. */
const gapIn = (fields: Record<string, string>): string[] =>
  Object.values(fields).filter((text) => text.startsWith('{"id"'));
