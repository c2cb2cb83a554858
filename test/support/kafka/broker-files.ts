import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const POM = fileURLToPath(new URL('./pom.xml', import.meta.url));
/** Git-ignored, and gone with `npm ci`: then Maven is asked again. */
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/pulse-kafka/', import.meta.url));
const CLUSTER_ID = 'cHVsc2UtdGVzdC1icm9rZXI';

const onPath = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** The broker's class path: its jars in the local Maven repository, resolved once for each content of the pom. */
async function classPath(): Promise<string> {
  const pom = await readFile(POM, 'utf8');
  const [cachedPom, cachedPath] = await Promise.all([cached('pom.xml'), cached('classpath')]);
  if (cachedPom === pom && cachedPath !== null && cachedPath.split(delimiter).every((jar) => existsSync(jar)))
    return cachedPath;
  if (!onPath('mvn')) throw new Error('mvn (Maven), which fetches the broker, is not on the PATH');
  const target = await mkdtemp(`${CACHE}resolve-`);
  const file = join(target, 'classpath');
  const goal = ['dependency:build-classpath', '-Dmdep.includeScope=runtime', `-Dmdep.outputFile=${file}`];
  try {
    await run('mvn', ['-B', '-q', '-f', POM, ...goal], { timeout: 300_000 });
  } catch (cause) {
    await rm(target, { recursive: true, force: true });
    const { stdout } = cause as { stdout?: string };
    const reason = stdout?.split('\n').find((line) => line.includes('ERROR')) ?? String(cause);
    throw new Error(`Maven could not resolve the broker: ${reason}`, { cause });
  }
  // Renames, so that test processes that start at the same time see whole files only.
  await rename(file, `${CACHE}classpath`);
  await writeFile(join(target, 'pom.xml'), pom);
  await rename(join(target, 'pom.xml'), `${CACHE}pom.xml`);
  await rm(target, { recursive: true, force: true });
  return readFile(`${CACHE}classpath`, 'utf8');
}

const cached = (name: string): Promise<string | null> => readFile(CACHE + name, 'utf8').catch(() => null);

/** Formatted, empty storage. It holds no ports, so every broker can start from a copy; formatting costs 0.8 s. */
async function storageTemplate(classes: string): Promise<string> {
  const template = `${CACHE}storage`;
  if (existsSync(join(template, 'meta.properties'))) return template;
  const target = await mkdtemp(`${CACHE}format-`);
  const properties = join(target, 'server.properties');
  await writeFile(
    properties,
    serverProperties({ dataDir: join(target, 'data'), port: 21_001, controllerPort: 21_002 }),
  );
  await run('java', ['-cp', classes, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties]);
  await rename(join(target, 'data'), template).catch((error) => {
    // Another test process was first; its storage is as good.
    if (!existsSync(join(template, 'meta.properties'))) throw error;
  });
  await rm(target, { recursive: true, force: true });
  return template;
}

export interface ServerPlace {
  readonly dataDir: string;
  readonly port: number;
  readonly controllerPort: number;
  /** More lines for server.properties: setting to value. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** `server.properties` of a single KRaft node that is broker and controller in one. */
export function serverProperties({ dataDir, port, controllerPort, settings = {} }: ServerPlace): string {
  const all = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': dataDir,
    // Clients have to make their topics: what works here works on brokers that forbid automatic ones.
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    // A broker that was killed may register again only when its former session has ended.
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 500,
    'num.network.threads': 2,
    'num.io.threads': 2,
    // The default of 128 MB is taken from the heap at the start.
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    ...settings,
  };
  return Object.entries(all)
    .map(([setting, value]) => `${setting}=${value}\n`)
    .join('');
}

export interface BrokerFiles {
  readonly classPath: string;
  /** Copies formatted storage to a folder that does not exist yet. */
  format(dataDir: string): Promise<void>;
}

let files: Promise<BrokerFiles> | undefined;

/** What a broker is started from. Rejects with the reason when this machine cannot run one. */
export function brokerFiles(): Promise<BrokerFiles> {
  files ??= (async () => {
    if (!onPath('java')) throw new Error('java, which runs the broker, is not on the PATH');
    await mkdir(CACHE, { recursive: true });
    const classes = await classPath();
    const template = await storageTemplate(classes);
    return { classPath: classes, format: (dataDir) => cp(template, dataDir, { recursive: true }) };
  })();
  return files;
}
