import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { startKafka } from '../kafka-broker.ts';

/*
 * Keeps one broker for many test processes. Each holds a connection to the address while it wants the broker;
 * when nobody has for a while, the broker is ended and its data deleted.
 * Usage: node keeper.ts <socket path>
 */
const LINGER_MS = 10_000;
const address = process.argv[2]!;
const leases = new Set<Socket>();

const server = createServer((socket) => {
  leases.add(socket);
  socket.on('error', () => socket.destroy());
  socket.once('close', () => leases.delete(socket));
  // A lease holder sends nothing; its end is what counts.
  socket.resume();
  void answer.then((line) => socket.write(line)); // detached: a broker that does not start ends the process below
});

const listening = await listen();
if (!listening) process.exit(0);
const broker = startKafka();
const answer = broker.then(
  ({ bootstrap }) => `${JSON.stringify({ bootstrap })}\n`,
  (error: Error) => `${JSON.stringify({ failure: error.message })}\n`,
);
await answer;

let unusedSince = performance.now(); // ambient-ok: a process of its own
// ambient-ok: a process of its own
// detached: a failure ends the process
setInterval(async () => {
  if (leases.size > 0)
    unusedSince = performance.now(); // ambient-ok: a process of its own
  else if (performance.now() - unusedSince > LINGER_MS) {
    // ambient-ok: a process of its own
    server.close();
    rmSync(address, { force: true });
    await broker.then((b) => b.dispose()).catch(() => process.exit(1));
    process.exit(0);
  }
}, 500);

/** Whether the address is now ours; false where another keeper answers. */
async function listen(): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const bound = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(address, () => resolve(true));
    });
    if (bound) return true;
    const taken = await new Promise<boolean>((resolve) => {
      const socket = connect(address);
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (taken) return false;
    // A keeper that was killed left its address.
    rmSync(address, { force: true });
  }
  return false;
}
