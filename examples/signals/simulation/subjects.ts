/** Names for what reads show and writes concern. They know nothing of cache keys: see `verification.ts`. */
export const LEADERBOARD = 'leaderboard';
export const feedOf = (userId: string): string => `feed of ${userId}`;
export const portfolioOf = (userId: string): string => `portfolio of ${userId}`;
export const signalOf = (signalId: string): string => `signal ${signalId}`;
export const activeSignalsOf = (providerId: string): string => `active signals of ${providerId}`;
export const statsOf = (providerId: string): string => `stats of ${providerId}`;
export const profileOf = (providerId: string): string => `profile of ${providerId}`;
export const priceOf = (assetPair: string): string => `price of ${assetPair}`;
export const historyOf = (assetPair: string): string => `history of ${assetPair}`;
