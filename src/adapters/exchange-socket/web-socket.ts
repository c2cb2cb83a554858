import type { ExchangeSocket } from '../../ports/exchange-socket.ts';

/** Why a close code came, in a few words; the number alone where it is a private one. */
const CODES: Readonly<Record<number, string>> = {
  1000: 'closed by the exchange',
  1001: 'the exchange is going away',
  1006: 'cut off',
  1008: 'the exchange refuses this client',
  1012: 'the exchange restarts',
  1013: 'the exchange is overloaded',
};

/** Connections by the WebSocket client of Node, which answers pings by itself. */
export function webSocket(): ExchangeSocket {
  return {
    hold(url, listener, signal) {
      if (signal.aborted) return Promise.resolve('stopped');
      return new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.binaryType = 'arraybuffer';
        let why: string | null = null;
        let over = false;
        const end = (reason: string): void => {
          if (over) return;
          over = true;
          signal.removeEventListener('abort', stop);
          resolve(reason);
        };
        const stop = (): void => {
          socket.close();
          // A dead peer never confirms the close.
          end('stopped');
        };
        signal.addEventListener('abort', stop, { once: true });
        socket.addEventListener('open', () => {
          if (!over) listener.opened((text) => void (socket.readyState === WebSocket.OPEN && socket.send(text)));
        });
        socket.addEventListener('message', ({ data }) => {
          if (!over) listener.frame(typeof data === 'string' ? data : Buffer.from(data as ArrayBuffer).toString());
        });
        socket.addEventListener('error', (event) => {
          why = reasonOf(event);
        });
        socket.addEventListener('close', ({ code, reason }) =>
          end(why ?? (reason || CODES[code] || `closed with code ${code}`)),
        );
      });
    },
  };
}

/** The error event of Node's client carries the error that made it, and that one its cause. */
function reasonOf(event: Event): string {
  const { error, message } = event as Event & { error?: Error; message?: string };
  const cause = error?.cause;
  return (cause instanceof Error ? cause.message : undefined) || error?.message || message || 'the connection failed';
}
