import type { MetricSpec } from './spec.ts';

/** The desk: trades, documents, guidance and the models. */
export const deskMetrics = {
  pulse_mcp2_trades_upkeep_failures_total: {
    type: 'counter',
    labels: [],
    help: 'Upkeep runs that failed and will be tried again.',
  },
  pulse_mcp2_trades_forwarded_total: { type: 'counter', labels: [], help: 'Trades brought to their topic.' },
  pulse_mcp2_trades_dead_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'Trades that the record log does not take.',
  },
  pulse_mcp2_trades_waiting: { type: 'gauge', labels: [], help: 'Trades that are not on their topic yet.' },
  pulse_mcp2_trades_oldest_waiting_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Age of the oldest trade that is not on its topic yet.',
  },
  pulse_mcp2_trades_stored_total: { type: 'counter', labels: ['result'], help: 'Trade payloads that were captured.' },
  pulse_mcp2_guidance_answers_total: {
    type: 'counter',
    labels: ['endpoint', 'by'],
    help: 'Answers given, by endpoint and by what made them.',
  },
  pulse_mcp2_guidance_nudges_total: { type: 'counter', labels: ['nudge'], help: 'Nudges that fired.' },
  pulse_mcp2_guidance_inputs_missing_total: {
    type: 'counter',
    labels: ['input'],
    help: 'Times that an input of guidance could not be read, so that it was said to be unknown.',
  },
  pulse_mcp2_guidance_unstored_total: {
    type: 'counter',
    labels: [],
    help: 'Answers that were given and could not be stored: they cannot be replayed.',
  },
  pulse_mcp2_guidance_dropped_total: {
    type: 'counter',
    labels: [],
    help: 'Stored calls of guidance past their retention.',
  },
  pulse_mcp2_guidance_upkeep_failures_total: {
    type: 'counter',
    labels: [],
    help: 'Upkeep runs that failed and will be tried again.',
  },
  pulse_mcp2_model_calls_total: {
    type: 'counter',
    labels: ['model', 'outcome'],
    help: 'Models that were asked, by outcome: answer, or the code of the error.',
  },
  pulse_mcp2_model_latency_seconds: {
    type: 'histogram',
    labels: ['model'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120],
    help: 'Seconds until a model answered or the call was given up, with all tries and waits.',
  },
  pulse_mcp2_model_retries_total: { type: 'counter', labels: ['model'], help: 'Tries after the first.' },
  pulse_mcp2_model_tokens_total: {
    type: 'counter',
    labels: ['model', 'direction'],
    help: 'Tokens, as the providers count them.',
  },
  pulse_mcp2_model_cost_usd_total: {
    type: 'counter',
    labels: ['model'],
    help: 'US dollars by the prices of the registry; what was given up counts with the most that it can have cost.',
  },
  pulse_mcp2_model_spending_unwritten_total: {
    type: 'counter',
    labels: ['model'],
    help: 'Times that a cost could not be stored; it counts in this process, and is written with the next.',
  },
  pulse_mcp2_vectors: { type: 'gauge', labels: [], help: 'Vectors in memory, which searches by meaning go through.' },
  pulse_mcp2_vector_bytes: { type: 'gauge', labels: [], help: 'Bytes of memory that these vectors take.' },
  pulse_mcp2_vector_load_failures_total: {
    type: 'counter',
    labels: [],
    help: 'Times that the stored vectors could not be read at the start.',
  },
  pulse_mcp2_vectors_left_out: {
    type: 'gauge',
    labels: [],
    help: 'Vectors that search leaves out, for lack of memory or because they have no direction.',
  },
  pulse_mcp2_chunks_unembedded: { type: 'gauge', labels: [], help: 'Passages without a vector of their current text.' },
  pulse_mcp2_chunks_embedded_total: { type: 'counter', labels: [], help: 'Passages whose vectors were stored.' },
  pulse_mcp2_chunks_refused_total: { type: 'counter', labels: [], help: 'Passages that the embedder does not take.' },
  pulse_mcp2_embedding_failures_total: { type: 'counter', labels: ['code'], help: 'Batches that will be tried again.' },
  pulse_mcp2_embedding_seconds: {
    type: 'histogram',
    labels: [],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    help: 'Seconds to turn a batch of up to 32 passages into vectors.',
  },
  pulse_document_searches_total: { type: 'counter', labels: ['mode'], help: 'Searches of documents.' },
  pulse_document_vector_failures_total: {
    type: 'counter',
    labels: [],
    help: 'Searches that went by full text alone because the search by meaning failed.',
  },
} as const satisfies Record<string, MetricSpec>;
