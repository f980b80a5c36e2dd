export const STATISTICS_RESOLVERS = {}
