/** The published SDL with what answers it. Where the two do not agree the plugin does not start. */
import type { GraphQLSchema } from 'graphql'
import { createSchema } from 'graphql-yoga'
import { ARCHIVE_RESOLVERS } from './archive.ts'
import { ATTRIBUTE_RESOLVERS } from './attribute-resolvers.ts'
import { MUTATION_RESOLVERS } from './mutations.ts'
import { readSdl } from './sdl.ts'
import { STATISTICS_RESOLVERS } from './statistics.ts'
import { SUBSCRIBER_RESOLVERS } from './subscribers.ts'
import { SUBSCRIPTION_RESOLVERS } from './subscriptions.ts'
import { WORKITEM_RESOLVERS } from './workitems.ts'

export const worklistSchema = (): GraphQLSchema =>
  createSchema({
    typeDefs: readSdl(),
    resolvers: [
      ATTRIBUTE_RESOLVERS,
      WORKITEM_RESOLVERS,
      STATISTICS_RESOLVERS,
      SUBSCRIBER_RESOLVERS,
      ARCHIVE_RESOLVERS,
      MUTATION_RESOLVERS,
      SUBSCRIPTION_RESOLVERS,
    ],
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  })
