import { expect } from 'chai'
import { DirectoryError } from '../../plugin/config/directory.ts'
import { loadConfiguration } from './load.ts'
import { UpsError } from '../../plugin/errors.ts'
import { aeDn, DEVICE_DN, deviceTree } from './entries.ts'
import { rejection } from './rejection.ts'
import type { DeviceTree, Directory } from '../../plugin/config/directory.ts'

const directory = (readDevice: () => Promise<DeviceTree>): Directory => ({ source: 'ldap://host/dc=x', readDevice })

describe('Loading a configuration', () => {
  it('gives it, with the source of the directory', async () => {
    const configuration = await loadConfiguration(
      directory(async () => deviceTree({}, { A: {} })),
      'archive',
    )
    expect(configuration.source).to.equal('ldap://host/dc=x')
    expect(configuration.aes).to.have.length(1)
  })

  it('fails with every problem, one a line', async () => {
    const tree = deviceTree({ dicomInstalled: 'no' }, { A: { dcmUPSWorklistLabel: 'a\nb', dicomAETitle: [] } })
    const placed = { ...tree, device: { ...tree.device, place: 'a.ldif:3' } }
    const error = await rejection(
      loadConfiguration(
        directory(async () => placed),
        'archive',
      ),
    )
    expect(error).to.be.instanceOf(UpsError).and.include({ code: 'UPS_BAD_CONFIGURATION' })
    expect(String(error).split('\n')).to.deep.equal([
      'UpsError: The configuration in ldap://host/dc=x cannot be used:',
      `  a.ldif:3: ${DEVICE_DN}: dicomInstalled is "no"; expected TRUE or FALSE`,
      `  ${aeDn('A')}: dicomAETitle is missing; expected an AE title (1 to 16 ASCII characters without backslash and control characters)`,
      `  ${aeDn('A')}: dcmUPSWorklistLabel is "a\\nb"; expected a text of 1 to 64 characters without backslash and control characters`,
    ])
  })

  it('passes on what the directory says when it cannot be read', async () => {
    const failure = new DirectoryError('unreachable', 'ldap://host/dc=x cannot be reached.')
    const loading = loadConfiguration(
      directory(() => Promise.reject(failure)),
      'archive',
    )
    expect(await rejection(loading)).to.equal(failure)
  })
})
