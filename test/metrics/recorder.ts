import { Counter, Gauge, Histogram } from 'prom-client';
import { afterEach, beforeEach } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Metrics that the test raised. */
    raised?: string[];
  }
}

const raised = new Set<string>();

/** Notes the name of a metric whenever `method` gives it a value other than that which it begins with. */
function watch(prototype: object, method: string, from: number): void {
  const own: unknown = Reflect.get(prototype, method);
  if (typeof own !== 'function') throw new Error(`prom-client has no ${method} any more`);
  Reflect.set(prototype, method, function (this: { readonly name: string }, labels: unknown, value: unknown): unknown {
    if (typeof value === 'number' && value !== from) raised.add(this.name);
    return Reflect.apply(own, this, [labels, value]);
  });
}

// A histogram counts what it observes, 0 too.
watch(Counter.prototype, 'incWithoutExemplar', 0);
watch(Gauge.prototype, 'set', 0);
watch(Histogram.prototype, 'observeWithoutExemplar', Number.NaN);

beforeEach(() => raised.clear());
afterEach(({ task }) => {
  task.meta.raised = [...raised];
});
