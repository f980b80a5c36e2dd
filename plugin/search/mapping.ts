/** How Elasticsearch is to keep the documents of `document.ts`. */
import type { estypes } from '@elastic/elasticsearch'
import workitem from '../../schema/elasticsearch/workitem-v1.json' with { type: 'json' }

const {
  mappings: { _meta: meta },
} = workitem

/**
 * Another one for every change of the mapping and of what documents mean: indices of two versions have nothing in common. It
 * is in the name of the file too.
 */
export const MAPPING_VERSION: number = meta.version

/** Settings and mappings, of an index or of a template for indices. */
export const INDEX_TEMPLATE = workitem as estypes.IndicesPutIndexTemplateIndexTemplateMapping
