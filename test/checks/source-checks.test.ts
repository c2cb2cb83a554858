import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { checkAmbient } from '../../scripts/checks/ambient.ts';
import { checkDeadCode } from '../../scripts/checks/dead-code.ts';
import { checkEvents } from '../../scripts/checks/events.ts';
import { checkImports } from '../../scripts/checks/import-rules.ts';
import { packageOf, packageRooms } from '../../scripts/checks/packages.ts';
import { importsOf, readSources, type Source, type Violation } from '../../scripts/checks/source.ts';
import { checkSql } from '../../scripts/checks/sql.ts';

const tree = (files: Record<string, string>): Source[] => Object.entries(files).map(([path, text]) => ({ path, text }));
const rules = (violations: readonly Violation[]): string[] => violations.map(({ path, rule }) => `${path} ${rule}`);

/** A small tree in which every layer is used as it may be. */
const sound = {
  'src/domain/bar.ts': 'export const bar = 1;\n',
  'src/ports/log.ts': "import type { bar } from '../domain/bar.ts';\nexport type Log = typeof bar;\n",
  'src/adapters/record-log/kafka.ts':
    "import type { Log } from '../../ports/log.ts';\nimport { open } from 'lmdb';\nexport const kafka = (): Log => open();\n",
  'src/stores/ledger.ts': "import type { Log } from '../ports/log.ts';\nexport const ledger = (log: Log) => log;\n",
  'src/text/table.ts': "import { bar } from '../domain/bar.ts';\nexport const table = bar;\n",
  'src/edge/guard.ts':
    "import type { FastifyInstance } from 'fastify';\nimport type { Log } from '../ports/log.ts';\nexport const guard = (on: FastifyInstance, log: Log) => [on, log];\n",
  'src/services/mirror/mirror.ts':
    "import { guard } from '../../edge/guard.ts';\nimport { ledger } from '../../stores/ledger.ts';\nimport { table } from '../../text/table.ts';\nexport const mirror = [ledger, guard, table];\n",
  'src/services/bars/bars.ts': 'export const bars = 1;\n',
  'src/app/main.ts':
    "import { kafka } from '../adapters/record-log/kafka.ts';\nimport { mirror } from '../services/mirror/mirror.ts';\nconst { bars } = await import('../services/bars/bars.ts');\nmirror(kafka(), bars);\n",
};

test('a sound tree breaks no rule', () => {
  expect([...checkImports(tree(sound)), ...checkDeadCode(tree(sound)), ...checkAmbient(tree(sound))]).toEqual([]);
});

test.each`
  planted                               | file                                  | line                                                               | rule
  ${'domain → ports, by type'}          | ${'src/domain/bar.ts'}                | ${"import type { Log } from '../ports/log.ts';"}                   | ${'layers'}
  ${'domain → Node'}                    | ${'src/domain/bar.ts'}                | ${"import { readFileSync } from 'node:fs';"}                       | ${'pure'}
  ${'domain → a library'}               | ${'src/domain/bar.ts'}                | ${"import { Cron } from 'croner';"}                                | ${'pure'}
  ${'ports → zod'}                      | ${'src/ports/log.ts'}                 | ${"import { z } from 'zod';"}                                      | ${'pure'}
  ${'ports → adapters'}                 | ${'src/ports/log.ts'}                 | ${"export type { kafka } from '../adapters/record-log/kafka.ts';"} | ${'layers'}
  ${'adapters → stores'}                | ${'src/adapters/record-log/kafka.ts'} | ${"import { ledger } from '../../stores/ledger.ts';"}              | ${'layers'}
  ${'adapters → services'}              | ${'src/adapters/record-log/kafka.ts'} | ${"import { mirror } from '../../services/mirror/mirror.ts';"}     | ${'layers'}
  ${'stores → adapters'}                | ${'src/stores/ledger.ts'}             | ${"import { kafka } from '../adapters/record-log/kafka.ts';"}      | ${'layers'}
  ${'services → adapters, dynamically'} | ${'src/services/bars/bars.ts'}        | ${"const k = await import('../../adapters/record-log/kafka.ts');"} | ${'layers'}
  ${'services → app'}                   | ${'src/services/bars/bars.ts'}        | ${"import '../../app/main.ts';"}                                   | ${'layers'}
  ${'a service → another'}              | ${'src/services/bars/bars.ts'}        | ${"import { mirror } from '../mirror/mirror.ts';"}                 | ${'services'}
  ${'code → a test'}                    | ${'src/app/main.ts'}                  | ${"import '../domain/bar.test.ts';"}                               | ${'tests'}
  ${'a file that is not there'}         | ${'src/app/main.ts'}                  | ${"import '../domain/tick.ts';"}                                   | ${'unresolved'}
  ${'edge → adapters'}                  | ${'src/edge/guard.ts'}                | ${"import { kafka } from '../adapters/record-log/kafka.ts';"}      | ${'layers'}
  ${'edge → stores'}                    | ${'src/edge/guard.ts'}                | ${"import { ledger } from '../stores/ledger.ts';"}                 | ${'layers'}
  ${'edge → services'}                  | ${'src/edge/guard.ts'}                | ${"import { mirror } from '../services/mirror/mirror.ts';"}        | ${'layers'}
  ${'text → services'}                  | ${'src/text/table.ts'}                | ${"import { mirror } from '../services/mirror/mirror.ts';"}        | ${'layers'}
  ${'domain → text'}                    | ${'src/domain/bar.ts'}                | ${"import { table } from '../text/table.ts';"}                     | ${'layers'}
  ${'stores → edge'}                    | ${'src/stores/ledger.ts'}             | ${"import { guard } from '../edge/guard.ts';"}                     | ${'layers'}
  ${"a service → an engine's client"}   | ${'src/services/bars/bars.ts'}        | ${"import { createClient } from 'redis';"}                         | ${'packages'}
  ${'a service → one, by type'}         | ${'src/services/bars/bars.ts'}        | ${"import type { Pool } from 'pg';"}                               | ${'packages'}
  ${'a service → one, dynamically'}     | ${'src/services/bars/bars.ts'}        | ${"const k = await import('@platformatic/kafka');"}                | ${'packages'}
  ${'a service → one, as a type'}       | ${'src/services/bars/bars.ts'}        | ${"let d: import('lmdb').Database;"}                               | ${'packages'}
  ${'a service → one, passed on'}       | ${'src/services/bars/bars.ts'}        | ${"export * from 'lmdb';"}                                         | ${'packages'}
  ${'a service → files'}                | ${'src/services/bars/bars.ts'}        | ${"import { readFile } from 'node:fs/promises';"}                  | ${'packages'}
  ${'a service → files, for short'}     | ${'src/services/bars/bars.ts'}        | ${"import fs from 'fs';"}                                          | ${'packages'}
  ${'a service → HTTP'}                 | ${'src/services/bars/bars.ts'}        | ${"import fastify from 'fastify';"}                                | ${'packages'}
  ${'edge → files'}                     | ${'src/edge/guard.ts'}                | ${"import 'node:fs';"}                                             | ${'packages'}
  ${"a store → an engine's client"}     | ${'src/stores/ledger.ts'}             | ${"import { Pool } from 'pg';"}                                    | ${'packages'}
  ${"app → an engine's client"}         | ${'src/app/main.ts'}                  | ${"import { open } from 'lmdb';"}                                  | ${'packages'}
  ${'an adapter → another engine'}      | ${'src/adapters/record-log/kafka.ts'} | ${"import { Pool } from 'pg';"}                                    | ${'packages'}
  ${'text → a library'}                 | ${'src/text/table.ts'}                | ${"import { z } from 'zod';"}                                      | ${'packages'}
  ${'a package that nobody named'}      | ${'src/app/main.ts'}                  | ${"import _ from 'lodash';"}                                       | ${'packages'}
  ${"a name like one of Object's own"}  | ${'src/app/main.ts'}                  | ${"import 'constructor';"}                                         | ${'packages'}
  ${'an import by a name made up'}      | ${'src/services/bars/bars.ts'}        | ${'const k = await import(engine);'}                               | ${'computed'}
  ${'a module of Node by a back door'}  | ${'src/services/bars/bars.ts'}        | ${"process.getBuiltinModule('fs');"}                               | ${'computed'}
`('catches $planted', ({ file, line, rule }) => {
  const planted = {
    ...sound,
    'src/domain/bar.test.ts': '',
    [file as string]: `${line}\n${sound[file as keyof typeof sound]}`,
  };
  expect(rules(checkImports(tree(planted)))).toContain(`${file} ${rule}`);
});

test('every package of package.json has its rooms; each room is there, and uses it', () => {
  const used = readSources(process.cwd(), ['src']).filter(({ path }) => !path.endsWith('.test.ts'));
  const named = Object.keys(packageRooms);
  const installed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
  expect(Object.keys(manifest.dependencies).filter((name) => !named.includes(name))).toEqual([]);
  expect(named.filter((name) => !name.startsWith('node:') && !installed.includes(name))).toEqual([]);
  const imports = used.flatMap((source) =>
    importsOf(source)
      .filter(({ target }) => target === null)
      .map(({ specifier }) => ({ path: source.path, name: packageOf(specifier) })),
  );
  const idle = Object.entries(packageRooms).flatMap(([name, rooms]) =>
    rooms
      .filter((room) => !imports.some((each) => each.name === name && each.path.startsWith(room)))
      .map((room) => `${name} in ${room}`),
  );
  expect(idle).toEqual([]);
});

test('catches a circle', () => {
  const planted = { ...sound, 'src/domain/a.ts': "import './b.ts';", 'src/domain/b.ts': "import './a.ts';" };
  expect(rules(checkImports(tree(planted)))).toEqual(['src/domain/b.ts cycle']);
});

test('an import in a comment is none', () => {
  expect(
    checkImports(
      tree({
        ...sound,
        'src/domain/bar.ts':
          "// import '../app/main.ts';\n/* import { x } from '../app/main.ts'; */\nexport const bar = 1;\n",
      }),
    ),
  ).toEqual([]);
});

test('catches a module that nothing imports, and an export that nobody uses', () => {
  const planted = {
    ...sound,
    'src/domain/lost.ts': 'const a = 1;',
    'src/domain/bar.ts': 'export const bar = 1;\nexport const unused = 2;\n',
  };
  expect(rules(checkDeadCode(tree(planted)))).toEqual(['src/domain/bar.ts export', 'src/domain/lost.ts module']);
});

test('what only a test uses is dead, unless it says why', () => {
  const test_ = { 'src/domain/bar.test.ts': "import { seen } from './bar.ts';" };
  const bar = (mark: string): Record<string, string> => ({
    ...sound,
    ...test_,
    'src/domain/bar.ts': `export const bar = 1;\n${mark}export const seen = 2;\n`,
  });
  expect(rules(checkDeadCode(tree(bar(''))))).toEqual(['src/domain/bar.ts export']);
  expect(checkDeadCode(tree(bar('// for-tests: the inside of a bar\n')))).toEqual([]);
});

test.each`
  line                                                         | rules
  ${'const t = Date.now();'}                                   | ${'clock'}
  ${'const t = Date?.now();'}                                  | ${'clock'}
  ${"const t = Date['now']();"}                                | ${'clock'}
  ${'const t = new Date();'}                                   | ${'clock'}
  ${'const t = new Date;'}                                     | ${'clock'}
  ${'const t = Date();'}                                       | ${'clock'}
  ${'const { now } = Date;'}                                   | ${'clock'}
  ${'const { now: t, parse } = Date;'}                         | ${'clock'}
  ${'const { now } = performance;'}                            | ${'clock'}
  ${'const t = performance.now();'}                            | ${'clock'}
  ${'const t = performance.timeOrigin;'}                       | ${'clock'}
  ${'const t = process.hrtime.bigint();'}                      | ${'clock'}
  ${'const { uptime } = process;'}                             | ${'clock'}
  ${"import { performance as p } from 'node:perf_hooks';"}     | ${'clock'}
  ${'const t = Temporal.Now.instant();'}                       | ${'clock'}
  ${'setTimeout(f, 1);'}                                       | ${'timer'}
  ${'socket.setTimeout(1);'}                                   | ${'timer'}
  ${"import { setTimeout as s } from 'node:timers/promises';"} | ${'timer'}
  ${"import { scheduler } from 'timers/promises';"}            | ${'timer'}
  ${'const s = AbortSignal.timeout(1);'}                       | ${'timer'}
  ${'const { timeout } = AbortSignal;'}                        | ${'timer'}
  ${"const s = AbortSignal['timeout'](1);"}                    | ${'timer'}
  ${'Atomics.wait(cell, 0, 0, 1);'}                            | ${'timer'}
  ${'const r = Math.random();'}                                | ${'random'}
  ${'const { random, floor } = Math;'}                         | ${'random'}
  ${'const r = crypto.randomUUID();'}                          | ${'random'}
  ${"import { randomBytes as r } from 'node:crypto';"}         | ${'random'}
  ${'const e = process.env.REDIS_URL;'}                        | ${'environment'}
  ${'const { env } = process;'}                                | ${'environment'}
  ${"const e = process['env'];"}                               | ${'clock environment'}
  ${"import { env } from 'node:process';"}                     | ${'environment'}
  ${"import p from 'process';"}                                | ${'environment'}
  ${"const p = await import('node:process');"}                 | ${'environment'}
  ${"console.log('x');"}                                       | ${'console'}
  ${'const { log } = console;'}                                | ${'console'}
  ${'globalThis.setTimeout(f, 1);'}                            | ${'timer alias'}
  ${'const t = new globalThis.Date();'}                        | ${'alias'}
  ${'const { setInterval } = globalThis;'}                     | ${'timer alias'}
  ${'global.setImmediate(f);'}                                 | ${'timer alias'}
  ${'const D = Date;'}                                         | ${'alias'}
  ${'build(Date, 1);'}                                         | ${'alias'}
  ${'const wait = (c = performance) => c;'}                    | ${'alias'}
`('bans $line', ({ line, rules: broken }) => {
  const at = (text: string): string[] => rules(checkAmbient([{ path: 'src/services/mirror/mirror.ts', text }]));
  expect(at(line)).toEqual((broken as string).split(' ').map((rule) => `src/services/mirror/mirror.ts ${rule}`));
  expect(at(`${line} // ambient-ok: a reason`)).toEqual([]);
  expect(at(`// ${line}`)).toEqual([]);
});

test('bans what is spread over lines, and takes a mark on any of them', () => {
  const at = (text: string): string[] => rules(checkAmbient([{ path: 'src/services/mirror/mirror.ts', text }]));
  expect(at('const {\n  parse,\n  now,\n} = Date;')).toEqual(['src/services/mirror/mirror.ts clock']);
  expect(at('const {\n  parse,\n  now, // ambient-ok: a reason\n} = Date;')).toEqual([]);
});

test.each([
  'const day = new Date(ts).getUTCDay();',
  'const ts = Date.parse(text);',
  'const isDate = value instanceof Date;',
  'const rows = await query<{ ts: Date; name: string }>(sql);',
  'const { floor } = Math;',
  'const pid = process.pid;',
  'const anySignal = AbortSignal.any([stop, AbortSignal.abort()]);',
  'await clock.sleep(1, signal);',
])('lets %s be', (text) => {
  expect(checkAmbient([{ path: 'src/services/mirror/mirror.ts', text }])).toEqual([]);
});

test('a mark without need is told', () => {
  expect(
    rules(checkAmbient([{ path: 'src/domain/bar.ts', text: 'const a = new Date(0); // ambient-ok: habit' }])),
  ).toEqual(['src/domain/bar.ts stale-mark']);
});

test('the checks see the whole of this project', () => {
  const sources = readSources(process.cwd(), ['src']);
  expect(sources.length).toBeGreaterThan(100);
  const imports = sources.filter(({ text }) => text.includes('import '));
  expect(imports.length).toBeGreaterThan(80);
});

/** Rules that a store breaks; § stands for $, which here is meant as it is written. */
const sqlRules = (text: string): string[] =>
  rules(checkSql([{ path: 'src/stores/ledger.ts', text: text.replaceAll('§', '$') }]));

test.each([
  'query(`SELECT * FROM t WHERE id = §{id}`);',
  "query(`\n  DELETE FROM t WHERE id = '§{row.id}'`);",
  'query(`SELECT §{COLUMNS} FROM t ORDER BY §{order}`);',
  'query(`SELECT §{passages(column)} FROM t`);',
  "query('SELECT * FROM t WHERE id = ' + id);",
])('catches a value written into a statement: %s', (line) => {
  expect(sqlRules(line)).toEqual(['src/stores/ledger.ts sql']);
  expect(sqlRules(line.replaceAll('\n', '').replace(/^/, '// sql-ok: a reason\n'))).toEqual([]);
});

test('a statement of constants and parameters breaks no rule; a mark without need does', () => {
  const sound = "query(`SELECT §{COLUMNS}, §{ticksOf('a')} FROM t WHERE id = $1`, [id]); throw new Error(`no §{id}`);";
  expect(sqlRules(sound)).toEqual([]);
  expect(sqlRules(`${sound} // sql-ok: habit`)).toEqual(['src/stores/ledger.ts stale-mark']);
});

test('every statement of the project is one of constants and parameters', () => {
  expect(checkSql(readSources(process.cwd(), ['src']))).toEqual([]);
});

test('catches an event that nobody tells, and service.failed where a service goes on', () => {
  const told = "journal.event('error', 'service.failed', 'x');\njournal.event('info', 'gap.opened', 'x');";
  const events = "export const eventCodes = {\n  'service.failed': 'a',\n  'gap.opened': 'b',\n};\n";
  const sound = { 'src/domain/event/event.ts': events, 'src/app/host/supervisor.ts': told };
  expect(checkEvents(tree(sound))).toEqual([]);
  expect(rules(checkEvents(tree({ ...sound, 'src/services/bars/bars.ts': `// why\n${told}` })))).toEqual([
    'src/services/bars/bars.ts event',
  ]);
  expect(
    rules(checkEvents(tree({ ...sound, 'src/app/host/supervisor.ts': `// ${told.replace('\n', '\n// ')}` }))),
  ).toEqual(['src/domain/event/event.ts event', 'src/domain/event/event.ts event']);
});
