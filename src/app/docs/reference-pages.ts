import { errors } from '../../domain/errors/errors.ts';
import type { ErrorSpec } from '../../domain/errors/spec.ts';
import { eventCodes } from '../../domain/event/event.ts';
import { metricAreas } from '../../domain/metric/metric.ts';
import type { MetricSpec } from '../../domain/metric/spec.ts';
import { exitCodes, serviceExits } from '../host/exit-codes.ts';
import { code, generated, markdownTable } from './markdown.ts';

/** `docs/errors.md` */
export function errorsPage(): string {
  const rows = Object.entries(errors as Readonly<Record<string, ErrorSpec>>)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { cause, remedy, retry, exit }]) => [
      code(name),
      cause,
      remedy,
      retry ? 'yes' : 'no',
      exit === null ? '–' : String(exit),
    ]);
  return `${generated}

# Errors

Use this page to look up an error code and what to do about it. You find the code in logs, in \`/ready\`, in the reason of a rejected tick or a dead letter, and as a label of counters.

"Retry" says whether it can help to try again with nothing changed; if so, services retry by themselves. "Exit" is the exit code of a process that the error ends; – means that it never ends one. [exit-codes.md](exit-codes.md) lists the errors by exit code.

${markdownTable(['code', 'what happened', 'what to do', 'retry', 'exit'], rows)}
`;
}

/** `docs/events.md` */
export function eventsPage(): string {
  const rows = Object.entries(eventCodes).map(([name, about]) => [code(name), about]);
  return `${generated}

# Events

Use this page to look up an event, or to read events with a program of your own. Services write events to their own log and, from level info up, to the topic \`overseer-events\` (\`OVERSEER_TOPIC\`), which \`pulse overseer\` reads, prints and counts. An event on the topic is a JSON object:

\`\`\`json
{"ts":"2026-07-01T10:02:11.204Z","service":"mirror","instance":"desk-4711","level":"warn","event":"gap.opened","message":"…","data":{"reason":"disconnect"}}
\`\`\`

The levels are debug, info, warn and error. Events are sent in the background, so they never delay a service. Events that cannot be sent are counted in \`pulse_journal_dropped_events_total\`.

${markdownTable(['event', 'what it says'], rows)}
`;
}

/** `docs/metrics.md` */
export function metricsPage(): string {
  const areas = Object.entries(metricAreas).map(([area, specs]) => {
    const rows = Object.entries(specs as Readonly<Record<string, MetricSpec>>).map(([name, { type, labels, help }]) => [
      code(name),
      type,
      labels.map(code).join(' ') || '–',
      help,
    ]);
    return `## ${area}\n\n${markdownTable(['metric', 'type', 'labels', 'what it counts'], rows)}`;
  });
  return `${generated}

# Metrics

Use this page to build dashboards and alerts. Every service, and mcp2, serves its metrics at \`/metrics\` in Prometheus' text format. A metric with labels appears once it has a value; one without labels is there from the start. A histogram \`x\` gives \`x_bucket\`, \`x_sum\` and \`x_count\`. Each process also exports \`process_*\` (CPU, memory) and \`nodejs_*\` (event loop, garbage collection).

${areas.join('\n\n')}
`;
}

/** `docs/exit-codes.md` */
export function exitCodesPage(): string {
  const rows = exitCodes().map((exit) => [String(exit.code), exit.meaning, exit.errors.map(code).join(' ')]);
  const services = serviceExits().map((exit) => [code(exit.error), String(exit.code), exit.why]);
  return `${generated}

# Exit codes

Use this page to see what an exit code means, and which errors can end a service.

${markdownTable(['code', 'meaning', 'errors'], rows)}

## What ends a service

What a retry can fix never ends a service: the service waits, says so in its log and on \`/ready\`, and goes on. An operator must fix the rest. None
of it can be caused by what a publisher sends: payloads, names of channels and symbols, their sizes and numbers, entries of streams, types of keys.

${markdownTable(['error', 'code', 'why'], services)}
`;
}
