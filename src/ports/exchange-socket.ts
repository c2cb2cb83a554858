export interface SocketListener {
  /** The connection stands; `send` sends a text frame, and does nothing once the connection is over. */
  opened(send: (text: string) => void): void;
  /** A text frame, or a binary one read as UTF-8. */
  frame(text: string): void;
}

/** WebSocket connections to exchanges. */
export interface ExchangeSocket {
  /**
   * Connects to `url` and holds the connection, answering the server's pings, until it ends or `signal` aborts.
   * Resolves with why it ended, in a few words; never rejects. After that the listener is not called.
   */
  hold(url: string, listener: SocketListener, signal: AbortSignal): Promise<string>;
}
