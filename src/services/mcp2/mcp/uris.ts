/** Addresses of the resources; ids may hold any character. */
export const documentUri = (id: string): string => `pulse://documents/${encodeURIComponent(id)}`;
export const tradeUri = (id: string): string => `pulse://trades/${encodeURIComponent(id)}`;
