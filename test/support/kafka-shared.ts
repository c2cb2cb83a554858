import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises'; // ambient-ok: waits for another process
import { fileURLToPath } from 'node:url';
import { brokerFiles } from './kafka/broker-files.ts';

const KEEPER = fileURLToPath(new URL('./kafka/keeper.ts', import.meta.url));
/** One keeper for each checkout and user. */
const ADDRESS = join(
  tmpdir(),
  `pulse-kafka-${createHash('sha256')
    .update(`${KEEPER}:${process.getuid?.() ?? ''}`)
    .digest('hex')
    .slice(0, 12)}.sock`,
);

let shared: Promise<string> | undefined;

/**
 * `host:port` of a broker that all test files share; the first to ask starts it. It stays until every process that asked has ended,
 * so its topics and groups are seen by other tests too: use names of your own. Do not kill or pause it; `startKafka` gives one for that.
 */
export function sharedKafka(): Promise<string> {
  shared ??= lease();
  return shared;
}

async function lease(): Promise<string> {
  await brokerFiles();
  for (let waited = 0; waited < 180_000; waited += 200) {
    const answer = await ask();
    if (answer?.bootstrap !== undefined) return answer.bootstrap;
    if (answer?.failure !== undefined) throw new Error(answer.failure);
    // Nobody keeps a broker (or it is about to end). The address is the lock: of several keepers all but one give up.
    spawn(process.execPath, [KEEPER, ADDRESS], { detached: true, stdio: 'ignore' }).unref();
    await sleep(200);
  }
  throw new Error(`no shared broker came up at ${ADDRESS}`);
}

/** What the keeper says, or null where none answers. The connection stays open: it is the lease. */
function ask(): Promise<{ bootstrap?: string; failure?: string } | null> {
  return new Promise((resolve) => {
    const socket: Socket = connect(ADDRESS);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString();
      if (!text.endsWith('\n')) return;
      socket.unref();
      resolve(JSON.parse(text));
    });
    socket.once('error', () => resolve(null));
    socket.once('close', () => resolve(null));
  });
}
