const SUFFIX = '-fill';

/** Under this name a subscriber numbers the ticks that it fills in. */
export const fillInstance = (instance: string): string => `${instance}${SUFFIX}`;

/** Whether ticks under this name were filled in: they bear about the time of their publication, however late they came. */
export const isFillInstance = (instance: string): boolean => instance.endsWith(SUFFIX);
