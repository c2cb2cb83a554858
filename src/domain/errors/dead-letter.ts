import type { ErrorList } from './spec.ts';

/** Errors of listing and replaying dead letters. */
export const deadLetterErrors = {
  'dlq.place.unknown': {
    retry: false,
    exit: 64,
    cause: 'a dead-letter place was named that does not exist',
    remedy: 'list the places with `pulse dlq list`',
    text: (e) =>
      `there is no dead-letter place ${JSON.stringify(e.place)}${e.nearest === null ? '' : `; did you mean ${e.nearest}?`}; \`pulse dlq list\` names those that exist`,
  },
  'dlq.letter.unknown': {
    retry: false,
    exit: 64,
    cause: 'a dead letter was named that does not exist',
    remedy: 'list the letters with `pulse dlq show <place>`',
    text: (e) =>
      `${e.place} has no dead letter ${JSON.stringify(e.id)}; \`pulse dlq show ${e.place}\` names those it has`,
  },
  'dlq.no-origin': {
    retry: false,
    exit: 64,
    cause: 'a dead letter does not say where it came from, or came from where nothing can be written',
    remedy: 'name the topic or stream with --to-place',
    text: (e) =>
      `the dead letter ${e.id} of ${e.place} came from ${JSON.stringify(e.source)}, which is no place to write to; name one with --to-place`,
  },
} as const satisfies ErrorList;
