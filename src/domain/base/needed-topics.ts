import { PulseError } from '../errors/errors.ts';

/** Throws `log.topic.needed` where the log refused a topic that Pulse can't do without: that is the operator's to mend. */
export function needAll(refused: readonly { readonly topic: string; readonly reason: string }[]): void {
  const [first] = refused;
  if (first !== undefined) throw new PulseError('log.topic.needed', { topic: first.topic, reason: first.reason });
}
