import { settingsOf } from '../setting.ts';
import { int, text } from '../value-type.ts';

const setting = settingsOf('Guidance');
const services = ['up', 'mcp2', 'mcp'] as const;

export const guidanceSettings = {
  guidanceReuseSeconds: setting({
    env: 'GUIDANCE_REUSE_SECONDS',
    flag: '--guidance-reuse-seconds',
    type: int({ min: 0, max: 86_400 }),
    default: 300,
    about: 'seconds for which the answer of a model is reused for the same prompt; 0: never',
    services,
  }),
  guidanceRetentionDays: setting({
    env: 'GUIDANCE_RETENTION_DAYS',
    flag: '--guidance-retention-days',
    type: int({ min: 0, max: 36_500 }),
    default: 90,
    about: 'days to keep calls of guidance for replay; 0: for ever',
    services: ['up', 'mcp2'],
  }),
  accountCurrency: setting({
    env: 'ACCOUNT_CURRENCY',
    flag: '--account-currency',
    type: text('<code>', /^[A-Z0-9]{2,12}$/, 'a currency code in capitals, such as EUR'),
    otherwise: 'that of the payload, and none where it names none',
    about: 'currency of the account when a trade payload names none; guidance gives the risk in it',
    services: [...services, 'llm'],
  }),
  compareModel: setting({
    flag: '--model',
    type: text('<name>'),
    otherwise: 'that of /llm/whisperer',
    about: 'model of the registry that `compare` asks, or rules',
    services: ['llm'],
  }),
};
