import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const AUTOCANNON = fileURLToPath(new URL('../node_modules/autocannon/autocannon.js', import.meta.url));

export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Absent: GET. */
  readonly body?: string;
  /** Requests a second altogether; absent: as many as are answered. */
  readonly rate?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the requests of a load met with. Latencies in milliseconds. */
export interface Met {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

interface Report {
  readonly requests: { readonly average: number; readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly non2xx: number;
  readonly errors: number;
  readonly timeouts: number;
}

/** Sends requests from a process of its own. Rejects where one was answered with anything but 2xx. */
export async function load({ url, connections, seconds, body, rate, headers = {} }: Load): Promise<Met> {
  const words = ['-j', '-n', '-c', String(connections), '-d', String(seconds)];
  if (rate !== undefined) words.push('-R', String(rate));
  if (body !== undefined) words.push('-m', 'POST', '-b', body, '-H', 'content-type=application/json');
  for (const [name, value] of Object.entries(headers)) words.push('-H', `${name}=${value}`);
  const child = spawn(process.execPath, [AUTOCANNON, ...words, url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  const { requests, latency, non2xx, errors, timeouts } = JSON.parse(text) as Report;
  if (non2xx + errors + timeouts > 0 || requests.total === 0)
    throw new Error(
      `${url}: of ${requests.total} requests ${non2xx} were refused, ${errors} failed, ${timeouts} timed out`,
    );
  return { perSecond: requests.average, p50: latency.p50, p99: latency.p99 };
}
