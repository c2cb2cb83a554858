import { remoteDesk } from '../../adapters/desk/mcp2.ts';
import { threadReader } from '../../adapters/document-reader/thread.ts';
import type { Documents } from '../../ports/desk.ts';
import { openDocuments } from '../../stores/documents.ts';
import { runningIn } from '../host/data-dir.ts';
import type { Runtime } from '../host/runtime.ts';

/** The documents of a command: those of the mcp2 that it is told of, or that runs in the `pulse up` which holds the embedded database; else those of its own. */
export async function documentsOf(runtime: Runtime): Promise<Documents> {
  const { config, engines, clock, metrics } = runtime;
  const { mcp2Url, mcp2ClientKey, mcp2PublicUrl, mcp2Host, mcp2Port, documentMaxBytes, dataDir } = config.values;
  const besideUp = engines.kind.database === 'embedded' ? ((await runningIn(dataDir))?.mcp2 ?? null) : null;
  const address = mcp2Url ?? besideUp;
  if (address !== null) return remoteDesk(address, mcp2ClientKey).documents;
  const { makeDocuments } = await import('../../services/desk/documents/documents.ts');
  return makeDocuments(
    {
      store: await openDocuments(await engines.database()),
      vectors: null,
      reader: threadReader({ clock }),
      clock,
      metrics,
    },
    { publicUrl: mcp2PublicUrl ?? `http://${mcp2Host}:${mcp2Port}`, maxBytes: documentMaxBytes },
  );
}
