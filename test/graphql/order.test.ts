/** Orders of GraphQL: as `orderby` of UPS-RS. */
import { expect } from 'chai'
import { BadArgument } from '../../plugin/graphql/bad-argument.ts'
import { readWorkitemOrder, type WorkitemOrderInput } from '../../plugin/graphql/order.ts'
import { readOrder } from '../../plugin/http/orderby.ts'
import { parseQuery } from '../../plugin/http/query.ts'
import { argumentsOf } from './support.ts'

const orderOf = async (list: string): Promise<unknown> => {
  const args = await argumentsOf(`{ echo(orderBy: ${list}) }`)
  return readWorkitemOrder(args['orderBy'] as readonly WorkitemOrderInput[] | null)
}

describe('An order of workitems', () => {
  it('means what it means in UPS-RS', async () => {
    const list =
      '[{ field: SCHEDULED_PROCEDURE_STEP_START_DATE_TIME, direction: DESC }, { field: PATIENT_ID, direction: ASC }, { field: SOP_INSTANCE_UID }]'
    expect(await orderOf(list)).to.deep.equal(
      readOrder(parseQuery('orderby=-ScheduledProcedureStepStartDateTime,PatientID,SOPInstanceUID')),
    )
  })

  it('is ascending where nothing else is said', async () => {
    const expected = [{ tag: '00100020', descending: false }]
    expect(await orderOf('{ field: PATIENT_ID }')).to.deep.equal(expected)
    expect(await orderOf('{ field: PATIENT_ID, direction: null }')).to.deep.equal(expected)
  })

  it('is none where the list is empty or absent', async () => {
    expect(await orderOf('[]')).to.deep.equal([])
    expect(await orderOf('null')).to.deep.equal([])
    expect(readWorkitemOrder(undefined)).to.deep.equal([])
  })

  it('has ten attributes at most', async () => {
    const of = (count: number): string => `[${'{ field: PATIENT_ID } '.repeat(count)}]`
    expect(await orderOf(of(10))).to.have.lengthOf(10)
    let refusal: unknown
    try {
      await orderOf(of(11))
    } catch (error) {
      refusal = error
    }
    expect(refusal).to.be.instanceOf(BadArgument)
    expect(refusal).to.include({ argument: 'orderBy', message: 'orderBy has 11 attributes, expected at most 10.' })
  })
})
