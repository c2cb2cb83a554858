import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Shell } from '../support/command-line.ts';
import { ServiceProcess } from '../support/service-process.ts';

const LISTENS = /listens on (http:\S+) with/;
const get = async (address: string, path: string): Promise<unknown> => (await fetch(`${address}${path}`)).json();

async function started(process: ServiceProcess): Promise<string> {
  await process.start(LISTENS);
  return LISTENS.exec(process.printed)![1]!;
}

interface Gate {
  readonly state: string;
  readonly symbols: readonly { readonly symbol: string; readonly run: number }[];
}

interface Ready {
  readonly services: Readonly<Record<string, { readonly state: string }>>;
}

interface Parity {
  readonly gate: Gate;
  readonly demo: Gate;
  readonly sessions: readonly {
    readonly demo: boolean;
    readonly verdict: string;
    readonly causes: Record<string, number>;
  }[];
}

test('the first start plays five sessions with an outage, commands work beside it, and the next start goes on', {
  timeout: 300_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-up-'));
  const dataDir = join(folder, 'data');
  // USDJPY has the fewest ticks.
  const up = new ServiceProcess(['up', '--symbols', 'USDJPY,EURUSD'], { PULSE_DATA_DIR: dataDir });
  onTestFinished(async () => {
    await up.end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  const address = await started(up);
  const demoState = async (): Promise<unknown> => ((await get(address, '/ready')) as Ready).services.demo!.state;
  await expect.poll(demoState, { timeout: 200_000, interval: 200 }).toBe('ended');

  expect(await get(address, '/health')).toMatchObject({ status: 'ok' });
  const { gate, demo, sessions } = (await get(address, '/parity')) as Parity;
  // The made-up sessions show how the gate works; they are no step towards it.
  expect(demo).toMatchObject({ state: 'below threshold', symbols: [{ symbol: 'USDJPY', run: 2 }] });
  expect(gate.symbols.find(({ symbol }) => symbol === 'USDJPY')).toMatchObject({ run: 0 });
  expect(sessions.map(({ demo, verdict }) => `${demo} ${verdict}`).sort()).toEqual([
    'true below threshold',
    'true passed',
    'true passed',
    'true passed',
    'true passed',
  ]);
  const broken = sessions.find(({ verdict }) => verdict === 'below threshold')!;
  expect(Object.keys(broken.causes)).toEqual(['gap']);
  expect(broken.causes.gap).toBeGreaterThanOrEqual(6);

  const shell = await Shell.open({ PULSE_DATA_DIR: dataDir });
  onTestFinished(() => shell.close());
  const parity = await shell.run(['parity']);
  expect(parity.out).toMatch(/Demo: .*never count[\s\S]*USDJPY +below threshold +2 of 5/);
  expect([3, 4]).toContain(parity.code);
  const output = join(folder, 'parity.html');
  const reconciled = await shell.run(['reconcile', '--all', '--format', 'html', '--output', output]);
  // 2: one session lies below the threshold, and the page has to show it.
  expect([reconciled.code, reconciled.err]).toEqual([2, `wrote ${output}\n`]);
  const page = await readFile(output, 'utf8');
  expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(5);
  expect(page).toContain(`Bars that differ: ${broken.causes.gap}`);
  expect((await shell.run(['reconcile', '--all', '--output', '/nope/x.txt'])).err).toContain(
    'cannot write /nope/x.txt: there is no such folder',
  );
  expect((await shell.run(['promote', '--reason', 'too early'])).code).toBe(2);
  const second = await shell.run(['up']);
  expect(second.code).toBe(73);

  await up.end('SIGTERM');
  const again = await started(up);
  expect(up.printed).not.toContain('past sessions');
  expect(((await get(again, '/parity')) as Parity).sessions).toHaveLength(5);
  await up.end('SIGTERM');
});
