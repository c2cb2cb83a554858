import { afterEach, expect, test, vi } from 'vitest';
import {
  type ServerConnection,
  startWebSocketServer,
  type WebSocketServer,
} from '../../../test/support/web-socket-server.ts';
import { webSocket } from './web-socket.ts';

let server: WebSocketServer;
afterEach(() => server.stop());

const never = new AbortController().signal;
const deaf = { opened: (): void => undefined, frame: (): void => undefined };

/** A server that answers each text with `reply`. */
const serving = async (reply: (connection: ServerConnection, text: string) => void): Promise<void> => {
  server = await startWebSocketServer((connection, text) => text !== null && reply(connection, text));
};

test('sends once it is open, and gives each frame in order, long ones too', async () => {
  const long = `"${'é'.repeat(5_000)}"`;
  await serving((connection, text) => {
    for (const frame of [text, 'one', long, 'two']) connection.send(frame);
    connection.close(1000, '');
  });
  const frames: string[] = [];
  const reason = await webSocket().hold(
    server.url,
    { opened: (send) => send('hello'), frame: (text) => frames.push(text) },
    never,
  );
  expect(frames).toEqual(['hello', 'one', long, 'two']);
  expect(reason).toBe('closed by the exchange');
});

test('answers pings', async () => {
  await serving((connection) => connection.ping());
  const stop = new AbortController();
  const holding = webSocket().hold(server.url, { ...deaf, opened: (send) => send('hello') }, stop.signal);
  await vi.waitFor(() => expect(server.connections[0]!.pongs).toEqual(['are you there']), { timeout: 30_000 });
  stop.abort();
  expect(await holding).toBe('stopped');
});

test.each`
  end                                                            | reason
  ${(c: ServerConnection) => c.close(1001, '')}                  | ${'the exchange is going away'}
  ${(c: ServerConnection) => c.close(1012, '')}                  | ${'the exchange restarts'}
  ${(c: ServerConnection) => c.close(4000, '')}                  | ${'closed with code 4000'}
  ${(c: ServerConnection) => c.close(1008, 'Too many requests')} | ${'Too many requests'}
`('says that $reason', async ({ end, reason }) => {
  await serving(end);
  expect(await webSocket().hold(server.url, { ...deaf, opened: (send) => send('hello') }, never)).toBe(reason);
});

test('a connection that is cut ends with a reason', async () => {
  await serving((connection) => connection.cut());
  expect(await webSocket().hold(server.url, { ...deaf, opened: (send) => send('hello') }, never)).toMatch(/\S/);
});

test('a server that is not there ends it with a reason, without a rejection', async () => {
  await serving(() => undefined);
  await server.stop();
  expect(await webSocket().hold(server.url, deaf, never)).toMatch(/ECONNREFUSED|failed|refused/i);
});

test('after its signal the listener is not called, and sending does nothing', async () => {
  await serving((connection) => connection.send('late'));
  const stop = new AbortController();
  let frames = 0;
  let send: (text: string) => void = () => undefined;
  const holding = webSocket().hold(
    server.url,
    { opened: (sendText) => (send = sendText), frame: () => (frames += 1) },
    stop.signal,
  );
  await vi.waitFor(() => expect(server.connections).toHaveLength(1), { timeout: 30_000 });
  stop.abort();
  expect(await holding).toBe('stopped');
  send('too late');
  expect(frames).toBe(0);
  expect(await webSocket().hold(server.url, deaf, stop.signal)).toBe('stopped');
});
