import { settingsOf } from '../setting.ts';
import { int, text } from '../value-type.ts';

const setting = settingsOf('Trade capture');

export const tradeSettings = {
  tradesTopic: setting({
    env: 'MCP2_TRADES_TOPIC',
    flag: '--mcp2-trades-topic',
    // The name of the dead-letter topic is four characters longer.
    type: text('<topic>', /^[A-Za-z0-9._-]{1,245}$/, 'a topic name: 1 to 245 of A–Z a–z 0–9 . _ -'),
    default: 'mcp2.enriched_trades',
    about: 'topic of captured trade payloads',
    services: ['up', 'mcp2', 'mcp', 'topics'],
  }),
  tradeRetentionDays: setting({
    env: 'MCP2_TRADE_RETENTION_DAYS',
    flag: '--mcp2-trade-retention-days',
    type: int({ min: 0, max: 36_500 }),
    default: 0,
    about: 'days to keep trade payloads that are on their topic; 0: for ever',
    services: ['up', 'mcp2'],
  }),
};
