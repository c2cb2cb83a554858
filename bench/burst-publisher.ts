// The publisher of the burst bench: <host> <port> <ticks> <ticks/s> <symbols> <begin, epoch ms>. Shares no code with the product, so that
// neither hides a fault of the other: commands of Redis written by hand, made in memory beforehand, sent without waiting for answers.
import { connect } from 'node:net';

const [host, port, count, rate, symbols, begin] = process.argv.slice(2) as [string, ...string[]];
const ticks = Number(count);
const perSecond = Number(rate);
const begins = Number(begin);
/** Ticks in one write: a hundredth of a second or less. */
const PIECE = Math.max(1, Math.min(2_000, Math.round(perSecond / 100)));

const now = (): number => performance.timeOrigin + performance.now();

function command(n: number): string {
  const channel = `ticks.B${n % Number(symbols)}`;
  const ts = (begins + (n * 1_000) / perSecond) / 1_000;
  const bid = 1.1 + (n % 997) / 1e5;
  const payload = `{"symbol":"${channel.slice(6)}","ts":${ts.toFixed(6)},"bid":${bid.toFixed(5)},"ask":${(bid + 0.0001).toFixed(5)},"id":"${n}"}`;
  return `*3\r\n$7\r\nPUBLISH\r\n$${channel.length}\r\n${channel}\r\n$${payload.length}\r\n${payload}\r\n`;
}

const pieces: Buffer[] = [];
for (let from = 0; from < ticks; from += PIECE) {
  let text = '';
  for (let n = from; n < Math.min(ticks, from + PIECE); n += 1) text += command(n);
  pieces.push(Buffer.from(text, 'latin1'));
}

const socket = connect(Number(port), host);
let answers = 0;
/** Messages that found a subscriber: the answer to PUBLISH is how many did. */
let heard = 0;
socket.on('data', (bytes) => {
  for (let i = 0; i < bytes.length; i += 1) {
    if (bytes[i] === 0x0a) answers += 1;
    else if (bytes[i] === 0x31) heard += 1;
  }
});
await new Promise((resolve) => socket.once('connect', resolve));
if (now() > begins) throw new Error(`the burst was to begin ${Math.round(now() - begins)} ms ago`);
await new Promise((resolve) => setTimeout(resolve, begins - now()));
for (const [i, piece] of pieces.entries()) {
  const early = begins + (i * PIECE * 1_000) / perSecond - now();
  if (early > 1) await new Promise((resolve) => setTimeout(resolve, early));
  if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve));
}
while (answers < ticks) await new Promise((resolve) => setTimeout(resolve, 1));
process.stdout.write(`${JSON.stringify({ ms: now() - begins, heard })}\n`, () => process.exit(0));
