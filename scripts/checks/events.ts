import { type Source, type Violation, withoutComments } from './source.ts';

const DECLARED = 'src/domain/event/event.ts';
/** Where it is decided that a service cannot go on. */
const FAILS = 'src/app/host/supervisor.ts';
const CODE = /^ {2}'([a-z-]+\.[a-z-]+)':/gm;

/** Event codes that nobody tells, and `service.failed` of a service that goes on: what else fails has an event of its own. */
export function checkEvents(sources: readonly Source[]): Violation[] {
  const code = sources
    .filter(({ path }) => path.startsWith('src/') && !path.endsWith('.test.ts') && path !== DECLARED)
    .map(({ path, text }) => ({ path, text: withoutComments(text, 'keep') }));
  const declared = sources.find(({ path }) => path === DECLARED)?.text ?? '';
  const silent = [...declared.matchAll(CODE)]
    .filter(([, name]) => !code.some(({ text }) => text.includes(`'${name}'`)))
    .map(({ index, 1: name }) => ({
      path: DECLARED,
      line: declared.slice(0, index).split('\n').length,
      rule: 'event',
      message: `nobody tells ${name}`,
    }));
  const mistaken = code
    .filter(({ path }) => path !== FAILS)
    .flatMap(({ path, text }) =>
      [...text.matchAll(/'service\.failed'/g)].map(({ index }) => ({
        path,
        line: text.slice(0, index).split('\n').length,
        rule: 'event',
        message: `service.failed says that a service cannot go on, which only ${FAILS} knows`,
      })),
    );
  return [...silent, ...mistaken];
}
