import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends bytes as they are and gives back all that comes until the server closes, or `quietMs` pass in silence. */
export async function rawHttp(address: string, bytes: string | Buffer, quietMs = 300): Promise<string> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('latin1').on('data', (piece) => (answer += piece));
  // The server may refuse, and close, before all is sent.
  socket.on('error', (error) => (answer += `\n(${error.message})`));
  socket.setTimeout(quietMs, () => socket.destroy());
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}
