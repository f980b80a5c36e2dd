import { expect } from 'chai'
import { findAe } from '../../plugin/config/configuration.ts'
import { aeDn, deviceTree, entry } from './entries.ts'
import { configurationOf, problemsOf } from './resolved.ts'
import type { Written } from './entries.ts'

/** `found B`, `not installed B` or `unknown`. */
function answer(aes: Readonly<Record<string, Written>>, aeTitle: string, device: Written = {}): string {
  const lookup = findAe(configurationOf(deviceTree(device, aes)), aeTitle)
  return lookup.status === 'unknown' ? 'unknown' : `${lookup.status} ${lookup.ae.aeTitle}`
}

describe('The AE that answers to a title', () => {
  const AES = { WORKLIST: {}, RADONC: { dcmOtherAETitle: ['LINAC', 'WORKLIST', 'RADONC'] } }

  it('is the one of that title', () => expect(answer(AES, 'RADONC')).to.equal('found RADONC'))
  it('is the one that lists it as another title', () => expect(answer(AES, 'LINAC')).to.equal('found RADONC'))
  it('is the one of that title, though another lists it', () =>
    expect(answer(AES, 'WORKLIST')).to.equal('found WORKLIST'))
  it('is nobody for an unknown title', () => expect(answer(AES, 'OTHER')).to.equal('unknown'))
  it('is nobody for a title in another case', () => expect(answer(AES, 'radonc')).to.equal('unknown'))
  it('is nobody for the name of an object property', () => expect(answer(AES, 'constructor')).to.equal('unknown'))

  it('is the AE * for all that have no other', () => {
    const aes = { '*': {}, ...AES }
    expect(answer(aes, 'OTHER')).to.equal('found *')
    expect(answer(aes, 'LINAC')).to.equal('found RADONC')
    expect(answer(aes, 'RADONC')).to.equal('found RADONC')
  })

  it('is not one that only lists * as another title', () => {
    expect(answer({ A: { dcmOtherAETitle: '*' } }, 'OTHER')).to.equal('unknown')
  })

  it('is not installed when the AE or its device is not, and nobody answers in its place', () => {
    const aes = { '*': {}, A: { dicomInstalled: 'FALSE', dcmOtherAETitle: 'C' }, B: { dcmOtherAETitle: 'A' } }
    expect(answer(aes, 'A')).to.equal('not installed A')
    expect(answer(aes, 'C')).to.equal('not installed A')
    expect(answer(AES, 'RADONC', { dicomInstalled: 'FALSE' })).to.equal('not installed RADONC')
  })
})

describe('AE titles', () => {
  it('may differ in nothing but case', () => {
    expect(configurationOf(deviceTree({}, { A: {}, a: {} })).aes).to.have.length(2)
  })

  it('must not be those of two AEs', () => {
    const tree = deviceTree({}, { A: {} })
    expect(
      problemsOf({ ...tree, networkAEs: [...tree.networkAEs, entry('cn=again', { dicomAETitle: 'A ' })] }),
    ).to.deep.equal([
      {
        dn: 'cn=again',
        attribute: 'dicomAETitle',
        value: 'A',
        expected: `a title that ${aeDn('A')} does not have too`,
      },
    ])
  })

  it('must not be listed as another title by two AEs', () => {
    const tree = deviceTree({}, { A: { dcmOtherAETitle: ['X', 'Y'] }, B: { dcmOtherAETitle: ['Y', 'Z', 'X'] } })
    const expected = `a title that ${aeDn('A')} does not have too`
    expect(problemsOf(tree)).to.deep.equal([
      { dn: aeDn('B'), attribute: 'dcmOtherAETitle', value: 'Y', expected },
      { dn: aeDn('B'), attribute: 'dcmOtherAETitle', value: 'X', expected },
    ])
  })

  it('may be listed twice by one AE', () => {
    expect(answer({ A: { dcmOtherAETitle: ['X', ' X'] } }, 'X')).to.equal('found A')
  })
})
