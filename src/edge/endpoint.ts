import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Caller, Scope } from '../ports/caller.ts';

/** Who may call: holders of a scope, holders of any key, or everybody. */
export type Access = Scope | 'any-key' | 'everybody';

/** Which of the two rate limits a call counts towards. */
export type LimitClass = 'general' | 'llm' | 'none';

/** What a handler may use beside its input. */
export interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly caller: Caller;
  /** Aborts when the client goes away before it has its answer. */
  gone(): AbortSignal;
  /** What was written or asked for, for the audit. */
  about(id: string): void;
}

export interface Answer {
  readonly about: string;
  /** Default `application/json`. */
  readonly type?: string;
  readonly schema?: z.ZodType;
  readonly example?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One route: everything that is checked before its handler runs, and everything that its documentation says. */
export interface Endpoint<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  H extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With parameters as `:name`. */
  readonly path: string;
  readonly access: Access;
  /** Group of the API description that it stands in. */
  readonly tag: string;
  readonly summary: string;
  readonly about?: string;
  readonly params?: P;
  readonly query?: Q;
  /** Keys in lower case. */
  readonly headers?: H;
  readonly body?: B;
  /** What the description says of the body, where `body` lets the handler look closer. */
  readonly documentedBody?: z.ZodType;
  readonly bodyExample?: unknown;
  /** `large`: the larger of the listener's two limits. */
  readonly bodyLimit?: 'large';
  readonly limit?: LimitClass;
  /** What the audit calls it; absent: it is not audited. */
  readonly audit?: string;
  /** Status to what it means: those of success. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Status to when: those of failure, beside the ones that follow from the fields above. */
  readonly failures?: Readonly<Record<number, string>>;
  run(
    input: {
      readonly params: z.output<P>;
      readonly query: z.output<Q>;
      readonly headers: z.output<H>;
      readonly body: z.output<B>;
    },
    call: Call,
  ): unknown;
}

/** Declares a route, with its input typed by its schemas. */
export const endpoint = <
  P extends z.ZodType = z.ZodType<undefined>,
  Q extends z.ZodType = z.ZodType<undefined>,
  H extends z.ZodType = z.ZodType<undefined>,
  B extends z.ZodType = z.ZodType<undefined>,
>(
  declared: Endpoint<P, Q, H, B>,
): Endpoint => declared as unknown as Endpoint;
