/** The Elasticsearch of the other tests (`support/elasticsearch.ts`): what they rely on. */
import { Client } from '@elastic/elasticsearch'
import { expect } from 'chai'
import {
  describeWithElasticsearch,
  elasticsearch,
  indexPrefix,
  removeIndices,
  startOwnElasticsearch,
} from '../support/elasticsearch.ts'

describeWithElasticsearch('Elasticsearch of the tests', () => {
  it('is one for the whole run, and answers', async () => {
    const { url } = await elasticsearch()
    expect((await elasticsearch()).url).to.equal(url)
    const { status } = await new Client({ node: url }).cluster.health()
    expect(status).to.be.oneOf(['green', 'yellow'])
  })

  it('removes what begins with a prefix, and nothing else', async () => {
    const { url } = await elasticsearch()
    const client = new Client({ node: url })
    const [mine, other] = [indexPrefix(), indexPrefix()]
    await client.indices.create({ index: `${mine}-a`, aliases: { [`${mine}-alias`]: {} } })
    await client.indices.create({ index: `${other}-b`, aliases: { [`${mine}-alias-of-another`]: {} } })
    await client.indices.putIndexTemplate({ name: `${mine}-template`, index_patterns: [`${mine}-*`] })

    await removeIndices(url, mine)
    expect(await client.indices.exists({ index: `${mine}-*`, allow_no_indices: false })).to.equal(false)
    expect(await client.indices.existsIndexTemplate({ name: `${mine}-template` })).to.equal(false)
    expect(await client.indices.exists({ index: `${other}-b` })).to.equal(true)

    await removeIndices(url, mine)
    await removeIndices(url, other)
    expect(await client.indices.exists({ index: `${other}-b` })).to.equal(false)
  })

  it('of a test alone may be stopped and killed, and starts again at its place with its data', async () => {
    const own = await startOwnElasticsearch()
    try {
      const client = new Client({ node: own.url, maxRetries: 0 })
      await client.index({ index: 'a', id: '1', document: { text: 'kept' } })
      for (const end of ['stop', 'kill'] as const) {
        await own[end]()
        expect(await client.cluster.health().catch((error: Error) => error.name)).to.equal('ConnectionError')
        await own.start()
        expect(await client.getSource({ index: 'a', id: '1' })).to.deep.equal({ text: 'kept' })
      }
    } finally {
      await own.dispose()
    }
  })

  it('of a test alone may ask for a user and a password', async () => {
    const security = { user: 'ups', password: 'a secret: ü@/' }
    const own = await startOwnElasticsearch({ security })
    try {
      const status = (password: string): Promise<number> =>
        new Client({ node: own.url, auth: { username: security.user, password } }).cluster.health().then(
          () => 200,
          (error: { readonly statusCode: number }) => error.statusCode,
        )
      expect(await status(security.password)).to.equal(200)
      expect(await status('guessed')).to.equal(401)
      expect((await fetch(`${own.url}/_cluster/health`)).status).to.equal(401)
    } finally {
      await own.dispose()
    }
  })
})
