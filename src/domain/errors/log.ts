import type { ErrorList } from './spec.ts';

/** Errors of the record log (Kafka, or the embedded log). */
export const logErrors = {
  'log.unavailable': {
    retry: true,
    exit: 69,
    cause: 'the broker, or the embedded log, does not answer',
    remedy: 'set KAFKA_BOOTSTRAP_SERVERS to a reachable broker, or run `pulse up` to use the embedded log',
    text: (e) =>
      `cannot reach the record log at ${e.at}: ${e.reason}; set KAFKA_BOOTSTRAP_SERVERS, or run \`pulse up\` to use the embedded log`,
  },
  'log.record.too-large': {
    retry: false,
    exit: null,
    cause: 'a record is larger than the log accepts',
    remedy: 'raise the limit of the topic (max.message.bytes), or send smaller records',
    text: (e) => `a record of ${e.bytes} bytes for ${e.topic} is larger than the ${e.limit} bytes that the log accepts`,
  },
  'log.refused': {
    retry: false,
    exit: 77,
    cause:
      'the broker refused a request: wrong credentials, a missing permission, an illegal topic name or setting, a record that the topic does not take',
    remedy: 'check the user, password and ACL for Kafka, and the name and settings of the topic',
    text: (e) =>
      `the record log at ${e.at} refused: ${e.reason}; check the credentials, the ACL, and the topic's name and settings`,
  },
  'log.topic.refused': {
    retry: false,
    exit: null,
    cause:
      'the log does not make a topic: Kafka has one whose name differs only in `.` and `_`, the name is illegal, or a policy or an ACL forbids it',
    remedy: 'use another name (a symbol that collides with none), or change the policy or ACL that the message names',
    text: (e) => `the record log does not have the topic ${e.topic}: ${e.reason}`,
  },
  'log.topic.needed': {
    retry: false,
    exit: 77,
    cause:
      'the log refuses a topic of Pulse itself (`ticks.rejected`, `mirror.gaps`, `overseer-events`, …), which no publisher names',
    remedy: 'remove the topic that stands in its way, or allow it in the ACL or the policy that the message names',
    text: (e) => `Pulse needs the topic ${e.topic}, and the record log does not have it: ${e.reason}`,
  },
  'log.topic.unknown': {
    retry: false,
    exit: null,
    cause: 'a topic was named that does not exist',
    remedy: 'list the topics with `pulse topics`',
    text: (e) => `the topic ${e.topic} does not exist; \`pulse topics\` lists those that do`,
  },
} as const satisfies ErrorList;
