import type { IncomingHttpHeaders } from 'node:http';

/** What the model is to say. */
export interface Said {
  readonly text: string;
  /** Calls a tool in place of saying it. */
  readonly tool: boolean;
  /** With `tool`: says the text as well, and that it is done. */
  readonly beside: boolean;
  /** Cut off at the limit of tokens. */
  readonly cut: boolean;
}

export const TOKENS = { input: 120, output: 34 };

/** How a provider's API speaks. */
export interface WireForm {
  /** Path of calls. */
  readonly path: string;
  /** Path of the list of models. */
  readonly listPath: string;
  readonly streamType: string;
  key(headers: IncomingHttpHeaders): string | null;
  /** What is wrong with a request, or null: the schema must be there, and no tool. */
  fault(body: Body): string | null;
  whole(body: Body, said: Said): unknown;
  /** The pieces of a stream, in order. */
  pieces(body: Body, said: Said): string[];
  list(models: readonly string[]): unknown;
  error(status: number, message: string): unknown;
  /** The piece of a stream by which it says that it failed. */
  failure(message: string): string;
}

export interface Body {
  readonly model: string;
  readonly stream?: boolean;
  readonly [key: string]: unknown;
}

/** A text in pieces of a few characters. */
export const chopped = (text: string): string[] => text.match(/[\s\S]{1,9}/g) ?? [];
