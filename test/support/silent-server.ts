import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can fall silent, as when its host loses power: connections stay, and nothing comes through any more. */
export interface SilentServer {
  readonly port: number;
  /** From now on the connections that there are pass nothing on; with `always`, new ones neither. */
  silence(always?: boolean): void;
  dispose(): Promise<void>;
}

export async function startSilentServer(port: number): Promise<SilentServer> {
  const sockets = new Set<Socket>();
  const silent = new Set<Socket>();
  let always = false;
  const server = createServer((outer) => {
    const inner = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      sockets.add(from);
      if (always) silent.add(from);
      from.on('data', (bytes) => void (silent.has(from) || to.write(bytes)));
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        if (!silent.has(from)) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    silence(forAll = false) {
      always = forAll;
      for (const socket of sockets) silent.add(socket);
    },
    async dispose() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
