import type { ToolAnnotations } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import type { Immutable } from '../../../domain/base/immutable.ts';
import type { Caller, Scope } from '../../../ports/caller.ts';
import type { Desk } from '../../../ports/desk.ts';

/** What a call of a tool, a resource or a prompt has at hand. */
export interface Call {
  readonly desk: Desk;
  readonly caller: Caller;
  /** Aborts when the caller cancels the call, or goes away. */
  readonly signal: AbortSignal;
}

/** What leaves a trace, or costs. */
export type Action = 'trade.log' | 'llm.guidance';

/** A tool, as a model sees it and as it runs, with the types of its arguments put aside. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  /** What it does, and when a model should choose it. */
  readonly description: string;
  /** What the caller's key must allow. */
  readonly scope: Scope;
  /** As which it is limited and audited; absent: it only looks. */
  readonly action?: Action;
  readonly annotations: ToolAnnotations;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
  /** Resolves with what `output` describes. May reject with a PulseError. */
  run(args: unknown, call: Call): Promise<Readonly<Record<string, unknown>>>;
}

interface Declared<I extends z.ZodObject, O extends z.ZodObject> extends Omit<Tool, 'input' | 'output' | 'run'> {
  readonly input: I;
  readonly output: O;
  run(args: z.output<I>, call: Call): Promise<Immutable<z.input<O>>>;
}

/** Declares a tool. Its arguments are checked against `input` before it runs. */
export const tool = <I extends z.ZodObject, O extends z.ZodObject>(declared: Declared<I, O>): Tool => ({
  ...declared,
  run: (args, call) => declared.run(args as z.output<I>, call),
});

/** Of tools that only look: a client may call them unasked. */
export const readOnly: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
