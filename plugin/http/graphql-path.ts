/** Where GraphQL is asked, over HTTP and over WebSocket: behind the prefix. */
export const GRAPHQL_PATH = '/graphql'
