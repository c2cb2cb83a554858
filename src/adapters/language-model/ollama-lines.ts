import type { PulseError } from '../../domain/errors/errors.ts';
import { endedEarly, saidInStream, unreadable } from './generate.ts';
import type { Target } from './provider.ts';
import type { Transport } from './transport.ts';

/**
 * Requests whose answers are read line by line before the library of Ollama has them: it prints lines that are no JSON to stderr and goes
 * on without them, and says of a stream that ended early no more than of one that failed.
 */
export const wholeLines =
  (target: Target, { fetch, fail }: Transport): Transport['fetch'] =>
  async (input, init) => {
    const response = await fetch(input, init);
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    const body = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(linesOf(target, fail))
      .pipeThrough(new TextEncoderStream());
    return new Response(body, { status, statusText, headers });
  };

function linesOf(target: Target, fail: Transport['fail']): TransformStream<string, string> {
  let rest = '';
  let done = false;
  const take = (line: string, controller: TransformStreamDefaultController<string>): void => {
    if (line.trim() === '') return;
    const read = readLine(target, line);
    if (read instanceof Error) throw fail(read);
    done ||= read;
    controller.enqueue(`${line}\n`);
  };
  return new TransformStream({
    transform(text, controller) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) take(line, controller);
    },
    flush(controller) {
      // Half of a line is where a stream was cut off, not one in another form.
      if (done || isJson(rest)) take(rest, controller);
      if (!done) throw fail(endedEarly(target));
    },
  });
}

/** Whether it is the last line; or what is wrong with it, or with the provider by what it says. */
function readLine(target: Target, line: string): boolean | PulseError {
  if (!isJson(line)) return unreadable(target);
  const { error, done } = (JSON.parse(line) ?? {}) as { readonly error?: unknown; readonly done?: unknown };
  return typeof error === 'string' ? saidInStream(target, error) : done === true;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
