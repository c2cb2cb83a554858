export interface ConnectionOptions {
  readonly pattern: string;
  readonly host: string;
  readonly port: number;
  /** Null: no TLS. */
  readonly tls: { readonly ca: Uint8Array | null } | null;
  /** Null: no log-in. */
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly database: number;
}

/** What the thread that reads a subscription is started with. */
export interface SubscriptionOrder extends ConnectionOptions {
  /** Bytes of messages that may wait for the thread that takes them; with more waiting the socket is left alone. */
  readonly waitingBytes: number;
}

/** What it is told: to connect (it is not connected now), that messages of so many bytes were taken, or to end, which it answers with `ended`. */
export type SubscriptionCall =
  | { readonly kind: 'connect' }
  | { readonly kind: 'taken'; readonly bytes: number }
  | { readonly kind: 'end' };

/**
 * Messages in the order of their receipt. Channels are told by number; a name's number is its place among all `names` since the last
 * batch that was `anew`.
 */
export interface MessageBatch {
  readonly kind: 'messages';
  /** When the last of them was read (epoch milliseconds). */
  readonly at: number;
  /** Payloads, one behind the other. */
  readonly payloads: ArrayBuffer;
  /** For each message the number of its channel, and the length of its payload in bytes. */
  readonly index: Uint32Array<ArrayBuffer>;
  readonly names: readonly string[];
  readonly anew: boolean;
}

/** Who ended a connection: the server, the network on the way to it, or this process, which heard nothing for too long or ends. */
export type EndedBy = 'server' | 'network' | 'silence';

/** What it tells, in the order of events. */
export type SubscriptionNews =
  | MessageBatch
  /** `client`: its id at the server; null where the server does not tell. */
  | { readonly kind: 'joined'; readonly client: number | null }
  /** Everything that was published before `since` (epoch milliseconds) was told before. */
  | { readonly kind: 'caught-up'; readonly since: number }
  /** The connection is gone, or could not be made; nothing comes until the next `connect`. */
  | { readonly kind: 'ended'; readonly by: EndedBy };

/** What a batch counts for against `waitingBytes`. */
export const sizeOfBatch = ({ payloads, index }: MessageBatch): number => payloads.byteLength + index.byteLength;
