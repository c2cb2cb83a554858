import type { MetricName } from '../../src/domain/metric/metric.ts';

/** For each metric a case that raises it: file and test, with the suites around it. `counted.test.ts` runs them and looks. */
export const cases: Readonly<Record<MetricName, readonly [file: string, test: string]>> = {
  mcp2_audit_dropped_total: ['src/edge/audit.test.ts', 'more than there is room for are dropped, counted and told'],
  mcp2_audit_written_total: ['src/edge/audit.test.ts', 'more than there is room for are dropped, counted and told'],
  mcp2_rejected_total: ['test/e2e/mcp2-edge.test.ts', 'the edge of mcp2 > only JSON is taken'],
  mcp2_request_latency_seconds: ['test/e2e/mcp2-edge.test.ts', 'the edge of mcp2 > only JSON is taken'],
  mcp2_requests_in_flight: ['test/e2e/mcp2-edge.test.ts', 'the edge of mcp2 > only JSON is taken'],
  mcp2_requests_total: ['test/e2e/mcp2-edge.test.ts', 'the edge of mcp2 > only JSON is taken'],
  pulse_bars_flagged_ticks_total: [
    'test/metrics/rare-counts.test.ts',
    'quotes that are crossed or locked are counted as such',
  ],
  pulse_bars_lag_records: [
    'src/services/bars/candidate.test.ts',
    'with many symbols > a hundred partitions have a gauge of their lag, those furthest behind',
  ],
  pulse_bars_lag_total_records: [
    'src/services/bars/candidate.test.ts',
    'with many symbols > a hundred partitions have a gauge of their lag, those furthest behind',
  ],
  pulse_bars_left_out_ticks_total: [
    'src/services/bars/candidate.test.ts',
    'where one mirror took over from another > so does another member that comes to own the partition, from the first tick that it is given',
  ],
  pulse_bars_open: [
    'src/services/bars/awaited-writes.test.ts',
    'the incumbent > takes no tick off the tape before a write that failed is in',
  ],
  pulse_bars_refused_total: [
    'src/services/bars/candidate.test.ts',
    'bars whose topic the log refuses are told and counted, those of other symbols go on, and their ticks are not committed',
  ],
  pulse_bars_rejected_total: [
    'src/services/bars/awaited-writes.test.ts',
    'the candidate > gives a batch to be committed only when its topics, its rejects and its bars are in, one after the other',
  ],
  pulse_bars_tape_losses_total: [
    'src/services/bars/candidate.test.ts',
    'ticks that are gone before they were taken are told, and the minutes around them are partial',
  ],
  pulse_bars_ticks_total: ['test/metrics/rare-counts.test.ts', 'quotes that are crossed or locked are counted as such'],
  pulse_bars_truncated_records_total: [
    'src/services/bars/candidate.test.ts',
    'ticks that are gone before they were taken are told, and the minutes around them are partial',
  ],
  pulse_bars_written_total: [
    'src/services/bars/candidate.test.ts',
    'bars whose topic the log refuses are told and counted, those of other symbols go on, and their ticks are not committed',
  ],
  pulse_build_info: ['test/metrics/rare-counts.test.ts', 'every process tells its version'],
  pulse_document_searches_total: [
    'test/e2e/document-store.test.ts',
    'on the embedded database > while the search by meaning fails, full text answers, and it is counted',
  ],
  pulse_document_vector_failures_total: [
    'test/e2e/document-store.test.ts',
    'on the embedded database > while the search by meaning fails, full text answers, and it is counted',
  ],
  pulse_enrichment_analyses_total: [
    'test/metrics/rare-counts.test.ts',
    'analyses are counted when they are on their topic',
  ],
  pulse_enrichment_batch_seconds: [
    'test/metrics/rare-counts.test.ts',
    'entries that a stream lost before anyone was given them are counted',
  ],
  pulse_enrichment_dead_letters_total: [
    'src/services/enrichment/enrichment.test.ts',
    'an entry that can never be used is buried once, though it could not be acknowledged at first',
  ],
  pulse_enrichment_early_failures_total: [
    'src/services/enrichment/enrichment.test.ts',
    'early analyses that cannot be stored do not end it',
  ],
  pulse_enrichment_entries_total: [
    'test/metrics/rare-counts.test.ts',
    'entries that a stream lost before anyone was given them are counted',
  ],
  pulse_enrichment_lag_seconds: [
    'src/services/enrichment/enrichment.test.ts',
    'a database that is silent: it is not ready, says how far it is behind, and ends in time when told to',
  ],
  pulse_enrichment_rows_total: [
    'test/metrics/rare-counts.test.ts',
    'entries that a stream lost before anyone was given them are counted',
  ],
  pulse_enrichment_skipped_total: [
    'test/metrics/rare-counts.test.ts',
    'entries that a stream lost before anyone was given them are counted',
  ],
  pulse_enrichment_state_failures_total: [
    'src/services/enrichment/enrichment.test.ts',
    'states that cannot be stored do not end it',
  ],
  pulse_enrichment_trimmed_total: [
    'src/services/enrichment/enrichment.test.ts',
    'after a restart it takes up what it was given, though the stream holds nothing of the first page any more',
  ],
  pulse_enrichment_unpublished: [
    'src/services/enrichment/analysis-outbox.test.ts',
    'what waits while the record log is away is told',
  ],
  pulse_enrichment_upkeep_failures_total: [
    'test/metrics/rare-counts.test.ts',
    'upkeep of enriched ticks that fails is counted, and tried again',
  ],
  pulse_feed_missed_trades_total: [
    'src/services/feed/exchange-source.test.ts',
    'trades that were missed while it was cut off are told as a gap, and counted',
  ],
  pulse_feed_republished_ticks_total: [
    'test/metrics/rare-counts.test.ts',
    'a feed counts what it published, what it published again, and what it could not route',
  ],
  pulse_feed_ticks_total: [
    'test/metrics/rare-counts.test.ts',
    'a feed counts what it published, what it published again, and what it could not route',
  ],
  pulse_feed_unroutable_total: [
    'test/metrics/rare-counts.test.ts',
    'a feed counts what it published, what it published again, and what it could not route',
  ],
  pulse_journal_dropped_events_total: [
    'src/app/host/journal.test.ts',
    'what does not fit, and what the log never took, is dropped and counted, and nobody waits',
  ],
  pulse_journal_events_total: [
    'src/app/host/journal.test.ts',
    'secrets come neither into the log nor onto the topic, at any depth',
  ],
  pulse_mcp2_chunks_embedded_total: [
    'src/services/desk/documents/embedding.test.ts',
    'embeds a changed passage again, and that one alone',
  ],
  pulse_mcp2_chunks_refused_total: [
    'src/services/desk/documents/embedding.test.ts',
    'tells and leaves out a passage that the embedder does not take, and embeds those beside it',
  ],
  pulse_mcp2_chunks_unembedded: [
    'src/services/desk/documents/embedding.test.ts',
    'tells and leaves out a passage that the embedder does not take, and embeds those beside it',
  ],
  pulse_mcp2_embedding_failures_total: [
    'src/services/desk/documents/embedding.test.ts',
    'an embedder that refuses everything is no fault of the passages',
  ],
  pulse_mcp2_embedding_seconds: [
    'src/services/desk/documents/embedding.test.ts',
    'embeds a changed passage again, and that one alone',
  ],
  pulse_mcp2_guidance_answers_total: [
    'src/services/desk/guidance/replay.test.ts',
    'a call from before some facts were known is replayed without them',
  ],
  pulse_mcp2_guidance_dropped_total: [
    'src/services/desk/guidance/upkeep.test.ts',
    'what is older than the retention goes; with none nothing does',
  ],
  pulse_mcp2_guidance_inputs_missing_total: [
    'test/metrics/rare-counts.test.ts',
    'an input of guidance whose engine is away is counted as missing',
  ],
  pulse_mcp2_guidance_nudges_total: [
    'test/e2e/guidance.test.ts',
    'the newest entry of a stream > is analysed from its field j',
  ],
  pulse_mcp2_guidance_unstored_total: [
    'test/e2e/guidance.test.ts',
    'while something is away > the answer is given without the database, and that it was not stored is told',
  ],
  pulse_mcp2_guidance_upkeep_failures_total: [
    'src/services/desk/guidance/upkeep.test.ts',
    'while the database is away it is counted, and tried again later; a fault of our own is told',
  ],
  pulse_mcp2_model_calls_total: [
    'src/services/desk/guidance/model-chain.test.ts',
    'calls just under the caps are made',
  ],
  pulse_mcp2_model_cost_usd_total: [
    'src/services/desk/guidance/model-chain.test.ts',
    'calls just under the caps are made',
  ],
  pulse_mcp2_model_latency_seconds: [
    'src/services/desk/guidance/model-chain.test.ts',
    'calls just under the caps are made',
  ],
  pulse_mcp2_model_retries_total: [
    'src/services/desk/guidance/model-chain.test.ts',
    'a provider is left alone as long as it wants, but not beyond the limit',
  ],
  pulse_mcp2_model_spending_unwritten_total: [
    'src/services/desk/guidance/model-chain.test.ts',
    'without a look at what was spent a capped model is not asked, and what cannot be stored counts all the same',
  ],
  pulse_mcp2_model_tokens_total: [
    'src/services/desk/guidance/model-chain.test.ts',
    'calls just under the caps are made',
  ],
  pulse_mcp2_trades_dead_total: [
    'src/services/desk/trades/forwarder.test.ts',
    'a trade too large for the log goes to the dead letters with its reason, and holds up none',
  ],
  pulse_mcp2_trades_forwarded_total: [
    'src/services/desk/trades/forwarder.test.ts',
    'a trade that the log has, and that could not be settled, comes again with the same bytes',
  ],
  pulse_mcp2_trades_oldest_waiting_seconds: [
    'src/services/desk/trades/forwarder.test.ts',
    'while the record log is away trades wait, which is said once, and go when it is back',
  ],
  pulse_mcp2_trades_stored_total: [
    'src/services/desk/trades/trades.test.ts',
    'a put whose answer was lost is sent again under the same id, and stored once',
  ],
  pulse_mcp2_trades_upkeep_failures_total: [
    'test/metrics/rare-counts.test.ts',
    'upkeep of trades that fails is counted, and tried again',
  ],
  pulse_mcp2_trades_waiting: [
    'src/services/desk/trades/forwarder.test.ts',
    'while the record log is away trades wait, which is said once, and go when it is back',
  ],
  pulse_mcp2_vector_bytes: [
    'src/services/desk/documents/embedding.test.ts',
    'embeds all that is there in batches, then what comes, and it is found',
  ],
  pulse_mcp2_vector_load_failures_total: [
    'test/metrics/rare-counts.test.ts',
    'vectors that cannot be read at the start are counted, and read later',
  ],
  pulse_mcp2_vectors: [
    'src/services/desk/documents/embedding.test.ts',
    'embeds all that is there in batches, then what comes, and it is found',
  ],
  pulse_mcp2_vectors_left_out: [
    'src/services/desk/documents/meaning-search.test.ts',
    'keeps to its memory, says once that it is full, and takes in others where room was made',
  ],
  pulse_mirror_delay_seconds: [
    'src/services/mirror/mirror.test.ts',
    'of a tick that is too large for every topic, as much is kept as there is room for',
  ],
  pulse_mirror_epoch: [
    'src/services/mirror/mirror.test.ts',
    'of a tick that is too large for every topic, as much is kept as there is room for',
  ],
  pulse_mirror_filled_ticks_total: [
    'src/services/mirror/mirror.test.ts',
    'a gap that lasts to the end of a run is filled by the next',
  ],
  pulse_mirror_gaps_total: [
    'src/services/mirror/mirror.test.ts',
    'of a tick that is too large for every topic, as much is kept as there is room for',
  ],
  pulse_mirror_rejected_total: [
    'src/services/mirror/mirror.test.ts',
    'of a tick that is too large for every topic, as much is kept as there is room for',
  ],
  pulse_mirror_ticks_total: [
    'src/services/mirror/mirror.test.ts',
    'of a tick that is too large for every topic, as much is kept as there is room for',
  ],
  pulse_mirror_waiting_ticks: [
    'src/services/mirror/mirror.test.ts',
    'after SIGTERM while the log is away, the next run brings what was missed, too',
  ],
  pulse_overseer_events_total: [
    'src/services/overseer/overseer.test.ts',
    'grep chooses what is printed; everything is counted',
  ],
  pulse_parity_mismatches_total: [
    'src/services/reconcile/watch.test.ts',
    'where finer decimals show, sessions are judged anew that agreed within coarser ones',
  ],
  pulse_parity_percent: [
    'src/services/reconcile/watch.test.ts',
    'with a correction window of 0 ms a session is recorded at 2024-01-06T00:01:07',
  ],
  pulse_reconcile_seconds: [
    'src/services/reconcile/watch.test.ts',
    'a session that has ended and is not settled is not recorded, whatever its calendar',
  ],
  pulse_service_retries_total: [
    'test/metrics/rare-counts.test.ts',
    'a service is up while it runs, and a start that failed is counted',
  ],
  pulse_service_up: [
    'test/metrics/rare-counts.test.ts',
    'a service is up while it runs, and a start that failed is counted',
  ],
};
