import { contract } from './contract.ts';
import { appends } from './record-log/appends.ts';
import { consumers } from './record-log/consumers.ts';
import { groups } from './record-log/groups.ts';
import { topics } from './record-log/topics.ts';

/** What every record log promises. */
export const recordLogContract = contract('record-log', [...appends, ...topics, ...consumers, ...groups]);
