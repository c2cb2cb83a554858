import {
  type Base,
  type Connection,
  fetchV11,
  fetchV12,
  fetchV13,
  fetchV15,
  fetchV16,
  fetchV17,
  listOffsetsV5,
  listOffsetsV6,
  listOffsetsV7,
  listOffsetsV8,
  listOffsetsV9,
  metadataV9,
  metadataV10,
  metadataV11,
  metadataV12,
  offsetCommitV5,
  offsetCommitV6,
  offsetCommitV7,
  offsetCommitV8,
  offsetCommitV9,
  ProtocolError,
  produceV3,
  produceV5,
  produceV7,
  produceV8,
  produceV9,
  produceV11,
  protocolErrorsCodesById,
  Writer,
} from '@platformatic/kafka';

/* Requests that are sent without the library's clients around them. */

export type OffsetCommitApi = typeof offsetCommitV9.api;
const OFFSET_COMMIT = [offsetCommitV9, offsetCommitV8, offsetCommitV7, offsetCommitV6, offsetCommitV5].map(
  ({ api }) => api as OffsetCommitApi,
);

export const offsetCommitApi = (client: Base): Promise<OffsetCommitApi> =>
  newest(client, 'OffsetCommit', OFFSET_COMMIT);

export type MetadataApi = typeof metadataV12.api;
const METADATA = [metadataV12, metadataV11, metadataV10, metadataV9].map(({ api }) => api as MetadataApi);

export const metadataApi = (client: Base): Promise<MetadataApi> => newest(client, 'Metadata', METADATA);

export type ListOffsetsApi = typeof listOffsetsV9.api;
const LIST_OFFSETS = [listOffsetsV9, listOffsetsV8, listOffsetsV7, listOffsetsV6, listOffsetsV5].map(
  ({ api }) => api as ListOffsetsApi,
);

export const listOffsetsApi = (client: Base): Promise<ListOffsetsApi> => newest(client, 'ListOffsets', LIST_OFFSETS);

export type FetchApi = typeof fetchV17.api;
const FETCH = [fetchV17, fetchV16, fetchV15, fetchV13, fetchV12, fetchV11].map(({ api }) => api as FetchApi);

export const fetchApi = (client: Base): Promise<FetchApi> => newest(client, 'Fetch', FETCH);

/** Whether a fetch names topics by their ids; else the id of a topic in it is its name. */
export const namesTopicsById = ({ version }: FetchApi): boolean => version >= 13;

/** What a broker answered. One topic's error rejects the library's request as a whole; what it says of the others stands beside the error. */
export async function partialAnswer<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    const { response } = error as { response?: T };
    if (response === undefined) throw error;
    return response;
  }
}

/** The broker's answer within an error of the library, by a field that it has; null where the broker did not get to it. */
export function responseIn<T>(error: unknown, field: keyof T): T | null {
  const { response, errors = [] } = error as { response?: T; errors?: unknown[] };
  if (response?.[field] !== undefined) return response;
  for (const inner of errors) {
    const found = responseIn<T>(inner, field);
    if (found !== null) return found;
  }
  return null;
}

/** The protocol's name of an error code (`NONE` for 0). */
export const errorNameOf = (code: number): string =>
  protocolErrorsCodesById[code] ?? (code === 0 ? 'NONE' : `error ${code}`);

/** The error that a broker gives for one topic or partition, in a form that `isApiError` knows. */
export function faultOf(code: number, of: string): Error {
  const name = errorNameOf(code);
  const error = protocolErrorsCodesById[code] === undefined ? new Error() : new ProtocolError(code);
  error.message = `${name} for ${of}`;
  return error;
}

/** Error codes of a produce request, by `<topic>:<partition>`; or why there is no answer, with those codes that came with it. */
export type Produced = (error: Error | null, codes: ReadonlyMap<string, number>) => void;

/** An encoded batch and where it goes. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

/** Sends batches, to be acknowledged by all replicas. */
export type Produce = (connection: Connection, batches: readonly PartitionBatch[], answered: Produced) => void;

const PRODUCE_KEY = 0;
const ACKS_ALL = -1;
const REPLICAS_TIMEOUT_MS = 10_000;
const PRODUCE = [produceV11, produceV9, produceV8, produceV7, produceV5, produceV3].map(({ api, parseResponse }) => ({
  version: api.version,
  parseResponse,
}));

interface ProduceAnswer {
  readonly responses: readonly { name: string; partitionResponses: readonly { index: number; errorCode: number }[] }[];
}

export async function produceApi(client: Base, versions = PRODUCE): Promise<Produce> {
  const { version, parseResponse } = await newest(client, 'Produce', versions);
  const flexible = version >= 9;
  return (connection, batches, answered) => {
    connection.send<ProduceAnswer>(
      PRODUCE_KEY,
      version,
      () => produceRequest(batches, flexible),
      parseResponse,
      flexible,
      flexible,
      (error, response) => {
        // A refusal of one batch rejects the whole; what became of the others stands beside it.
        const answer = error === null ? response : (error as { response?: ProduceAnswer }).response;
        const codes = new Map<string, number>();
        for (const { name, partitionResponses } of answer?.responses ?? []) {
          for (const { index, errorCode } of partitionResponses) codes.set(`${name}:${index}`, errorCode);
        }
        answered(error, codes);
      },
    );
  };
}

function produceRequest(batches: readonly PartitionBatch[], flexible: boolean): Writer {
  const byTopic = [...Map.groupBy(batches, ({ topic }) => topic)];
  const request = Writer.create().appendString(null, flexible).appendInt16(ACKS_ALL).appendInt32(REPLICAS_TIMEOUT_MS);
  request.appendArray(
    byTopic,
    (w, [topic, partitions]) => {
      w.appendString(topic, flexible).appendArray(
        partitions,
        (v, { partition, bytes }) => v.appendInt32(partition).appendBytes(bytes, flexible),
        flexible,
        flexible,
      );
    },
    flexible,
    flexible,
  );
  return flexible ? request.appendTaggedFields() : request;
}

/** The newest version of a request that the broker understands. */
async function newest<A extends { version: number }>(client: Base, name: string, known: readonly A[]): Promise<A> {
  const offered = (await client.listApis()).find((api) => api.name === name);
  const api = known.find(
    ({ version }) => offered !== undefined && version >= offered.minVersion && version <= offered.maxVersion,
  );
  if (api === undefined) throw new Error(`the broker offers no version of ${name} that this client speaks`);
  return api;
}

/** One connection to a broker of the cluster; rejects when it is not there. */
export async function connectTo(client: Base, node: number): Promise<Connection> {
  const connection = (await client.connectToBrokers([node])).get(node);
  if (connection === undefined) throw new Error(`broker ${node} is not in the cluster's metadata`);
  return connection;
}
