// node bench/idle.ts <host> <port> <connections>: opens them, prints `open <n>`, and at the end of its input how many are still open
import { connect, type Socket } from 'node:net';

const [host = '127.0.0.1', port = '8002', count = '10000'] = process.argv.slice(2);
const sockets = new Set<Socket>();

function open(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host);
    socket.once('connect', () => {
      sockets.add(socket);
      resolve();
    });
    socket.once('error', reject);
    socket.once('close', () => sockets.delete(socket));
  });
}

/** A listener takes so many at once. */
const AT_ONCE = 200;
for (let opened = 0; opened < Number(count); opened += AT_ONCE)
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, Number(count) - opened) }, open));
process.stdout.write(`open ${sockets.size}\n`);
process.stdin.resume();
process.stdin.once('end', () => {
  process.stdout.write(`still ${sockets.size}\n`, () => process.exit(0));
});
