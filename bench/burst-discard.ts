// The least that a subscriber of the burst bench can do: <host> <port>. Reads what a pattern receives and throws the bytes away, in a
// process that does nothing else. Where Redis cuts this one off, no subscriber on this machine could have kept up.
import { connect } from 'node:net';

const [host, port] = process.argv.slice(2) as [string, string];
const room = Buffer.allocUnsafeSlow(1024 * 1024);
let bytes = 0;
const socket = connect({
  host,
  port: Number(port),
  onread: {
    buffer: room,
    callback: (count) => {
      bytes += count;
      return true;
    },
  },
});
socket.once('connect', () => socket.write('*2\r\n$10\r\nPSUBSCRIBE\r\n$7\r\nticks.*\r\n'));
socket.on('error', () => undefined);
socket.resume();
const tell = (): void => {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ bytes, seconds: (user + system) / 1e6 })}\n`, () => process.exit(0));
};
socket.once('close', tell);
process.once('SIGTERM', tell);
