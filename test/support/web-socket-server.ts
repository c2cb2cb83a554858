import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One client, from the server's side. */
export interface ServerConnection {
  /** Which connection of the server's life it is, from 0. */
  readonly index: number;
  /** Text frames that the client sent. */
  readonly received: readonly string[];
  send(text: string): void;
  ping(): void;
  /** Payloads of the pongs that came back. */
  readonly pongs: readonly string[];
  /** Sends a close frame. */
  close(code: number, reason: string): void;
  /** Cuts the connection without a word. */
  cut(): void;
}

export interface WebSocketServer {
  readonly url: string;
  readonly connections: readonly ServerConnection[];
  stop(): Promise<void>;
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** A WebSocket server on loopback (RFC 6455, as far as unfragmented frames go), for tests. `serve` is called for each client and each of its texts. */
export async function startWebSocketServer(
  serve: (connection: ServerConnection, text: string | null) => void,
): Promise<WebSocketServer> {
  const connections: Connection[] = [];
  const server: Server = createServer();
  server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const connection = new Connection(connections.length, socket as Socket, serve);
    connections.push(connection);
    serve(connection, null);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    async stop() {
      for (const connection of connections) connection.cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Connection implements ServerConnection {
  readonly index: number;
  readonly received: string[] = [];
  readonly pongs: string[] = [];
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);

  constructor(index: number, socket: Socket, serve: (connection: ServerConnection, text: string) => void) {
    this.index = index;
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      for (let frame = this.#next(); frame !== null; frame = this.#next()) {
        const text = frame.payload.toString();
        if (frame.opcode === PONG) this.pongs.push(text);
        else if (frame.opcode === CLOSE) socket.end(frameOf(CLOSE, frame.payload));
        else if (frame.opcode === TEXT) {
          this.received.push(text);
          serve(this, text);
        }
      }
    });
    // A client that goes away in the middle is what the tests are about.
    socket.on('error', () => socket.destroy());
  }

  send(text: string): void {
    this.#socket.write(frameOf(TEXT, Buffer.from(text)));
  }

  ping(): void {
    this.#socket.write(frameOf(PING, Buffer.from('are you there')));
  }

  close(code: number, reason: string): void {
    const payload = Buffer.alloc(2 + reason.length);
    payload.writeUInt16BE(code);
    payload.write(reason, 2);
    this.#socket.write(frameOf(CLOSE, payload));
  }

  cut(): void {
    this.#socket.destroy();
  }

  /** The next whole frame; clients mask theirs. */
  #next(): { opcode: number; payload: Buffer } | null {
    const b = this.#bytes;
    if (b.length < 6) return null;
    const short = b[1]! & 0x7f;
    const at = short === 126 ? 4 : short === 127 ? 10 : 2;
    const length = short === 126 ? b.readUInt16BE(2) : short === 127 ? Number(b.readBigUInt64BE(2)) : short;
    if (b.length < at + 4 + length) return null;
    const mask = b.subarray(at, at + 4);
    const payload = Buffer.from(b.subarray(at + 4, at + 4 + length).map((byte, i) => byte ^ mask[i % 4]!));
    this.#bytes = b.subarray(at + 4 + length);
    return { opcode: b[0]! & 0x0f, payload };
  }
}

function frameOf(opcode: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(payload.length < 126 ? 2 : 4);
  head[0] = 0x80 | opcode;
  head[1] = Math.min(payload.length, 126);
  if (payload.length >= 126) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
