/** `WorkitemOrder`: as `orderby` of UPS-RS, with attributes of the table. */
import type { Tag } from '../dicom/dataset.ts'
import { hasOrder, MOST_ORDERINGS, type Ordering } from '../dicom/order.ts'
import { attributeTitle, WORKITEM_ROWS } from './attribute-types.ts'
import { BadArgument } from './bad-argument.ts'
import { enumValueName } from './names.ts'

export interface OrderField {
  /** `SCHEDULED_PROCEDURE_STEP_START_DATE_TIME` */
  readonly name: string
  readonly tag: Tag
  readonly description: string
}

export const ORDER_FIELDS: readonly OrderField[] = WORKITEM_ROWS.filter(({ vr }) => hasOrder(vr)).map((row) => ({
  name: enumValueName(row.keyword),
  tag: row.tag,
  description: attributeTitle(row),
}))

/** As GraphQL gives it: fields are tags (`ATTRIBUTE_RESOLVERS`). */
export interface WorkitemOrderInput {
  readonly field: Tag
  /** Ascending if absent or null. */
  readonly direction?: 'ASC' | 'DESC' | null | undefined
}

/**
 * Empty, absent or null: no order is asked for.
 * @throws BadArgument if there are too many; `argument`: how the client knows the list
 */
export function readWorkitemOrder(
  list: readonly WorkitemOrderInput[] | null | undefined,
  argument = 'orderBy',
): readonly Ordering[] {
  const order = list ?? []
  if (order.length > MOST_ORDERINGS) {
    throw new BadArgument(argument, `has ${order.length} attributes, expected at most ${MOST_ORDERINGS}`)
  }
  return order.map(({ field, direction }) => ({ tag: field, descending: direction === 'DESC' }))
}
