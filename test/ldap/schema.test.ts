/** The files of `schema/ldap/`, loaded by real slapds: ours, and dcm4chee's with ours on top. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { SETTINGS } from '../../plugin/config/settings.ts'
import type { Level, Setting } from '../../plugin/config/settings.ts'
import { derivePublished, OUR_OID, writeOurs } from '../../schema/ldap/derive.ts'
import { sharedPath } from '../config/shared-directory.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import {
  dcm4cheeSchemaFiles,
  openldap,
  openldapModuleFolder,
  openldapSchemaFolder,
  ourSchemaFiles,
  type Slapd,
  slapdMissing,
  startSlapd,
} from '../support/slapd.ts'
import { configuredIn, type Definitions, definitionsOf, interfaceOf, publishedBy } from './definitions.ts'

const SCHEMA = resolve(import.meta.dirname, '../../schema/ldap')
const LDIF = resolve(import.meta.dirname, '../../ldif')
const BOOL = '1.3.6.1.4.1.1466.115.121.1.7'
const INT = '1.3.6.1.4.1.1466.115.121.1.27'
const SAMPLE = { base: '10-base.ldif', archive: '20-archive.ldif', radonc: '30-radonc.ldif' }

const sample = (...names: readonly (keyof typeof SAMPLE)[]): readonly string[] =>
  names.map((name) => join(LDIF, SAMPLE[name]))

async function addFiles(slapd: Slapd, paths: readonly string[]): Promise<void> {
  for (const path of paths) await slapd.addFile(path)
}

/** How often a line begins with `dn:`. */
const countEntries = (ldif: string): number => ldif.match(/^dn:/gm)?.length ?? 0
const countEntriesOf = (paths: readonly string[]): number =>
  countEntries(paths.map((path) => readFileSync(path, 'utf8')).join('\n'))

const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing failed',
    (error: Error) => error.message,
  )

/** DICOM's, dcm4chee's, ours. */
const isNotOpenldaps = (definition: string): boolean =>
  /^\( (1\.2\.840\.10008|1\.2\.40\.0\.13|2\.25)\./.test(definition)

const descriptionsIn = (definitions: readonly string[]): readonly string[] =>
  definitions.flatMap((text) => / DESC '([^']*)'/.exec(text)?.[1] ?? [])

describe('Our LDAP schema', () => {
  let slapd: Slapd
  let defined: Definitions
  before(async function () {
    if (slapdMissing !== undefined) return this.skip()
    slapd = await startSlapd({ schema: [] })
    await addFiles(slapd, ourSchemaFiles('ldif'))
    defined = await definitionsOf(slapd)
  })
  after(() => slapd?.stop())

  it('is all that its folder holds', () => {
    const files = [...ourSchemaFiles('ldif'), ...ourSchemaFiles('schema'), join(SCHEMA, 'derive.ts')]
    expect(readdirSync(SCHEMA).toSorted()).to.deep.equal(files.map((path) => path.slice(SCHEMA.length + 1)).toSorted())
  })

  it('loads into a fresh slapd with ldapadd', () => {
    expect(defined.objectClasses).to.include.keys('dicomDevice', 'dcmArchiveDevice', 'upsArchiveNetworkAE')
  })

  it('can be there from the start', async () => {
    const other = await startSlapd({ schema: 'ours' })
    try {
      expect(await definitionsOf(other)).to.deep.equal(defined)
    } finally {
      await other.stop()
    }
  })

  it('loads the sample archive, and gives it back', async () => {
    const files = sample('base', 'archive', 'radonc')
    await addFiles(slapd, files)
    const entries = await slapd.search('dc=archive,dc=example')
    expect(countEntries(entries)).to.equal(countEntriesOf(files))
    expect(entries).to.match(/^dcmDeleteUPSCompletedDelay: P30D$/m)
  })

  describe('in the form for slapd.conf', () => {
    let folder: Folder
    before(() => (folder = temporaryFolder()))
    after(() => folder?.remove())

    it('loads with only core before it, and defines the same, word for word', async () => {
      const converted = join(folder.path, 'slapd.d')
      mkdirSync(converted)
      const conf = join(folder.path, 'slapd.conf')
      const included = [join(openldapSchemaFolder ?? '', 'core.schema'), ...ourSchemaFiles('schema')]
      const modules = openldapModuleFolder === undefined ? [] : [`modulepath ${openldapModuleFolder}`]
      writeFileSync(conf, [...modules, ...included.map((path) => `include ${path}`), ''].join('\n'))
      await openldap('slaptest', ['-f', conf, '-F', converted])
      const fromSchema = (await configuredIn(converted)).filter(isNotOpenldaps)
      const fromLdif = (await configuredIn(join(slapd.folder, 'slapd.d'))).filter(isNotOpenldaps)
      expect(fromSchema).to.have.length.above(700)
      expect(fromSchema).to.deep.equal(fromLdif)
    })
  })

  describe('defines class upsArchiveNetworkAE', () => {
    it('with an OID below our own, and the deletion attributes that dcmArchiveNetworkAE lacks', () => {
      expect(defined.objectClasses.get('upsArchiveNetworkAE')).to.deep.equal({
        oid: `${OUR_OID}.4.1`,
        kind: 'AUXILIARY',
        must: [],
        may: [
          'dcmDeleteUPSPollingInterval',
          'dcmDeleteUPSFetchSize',
          'dcmDeleteUPSCompletedDelay',
          'dcmDeleteUPSCanceledDelay',
        ],
      })
    })

    it('below the UUID that is written where the OID is', () => {
      const source = readFileSync(join(SCHEMA, 'derive.ts'), 'utf8')
      const [uuid = ''] = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/.exec(source) ?? []
      expect(OUR_OID).to.equal(`2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`)
    })
  })

  describe('has room for every setting', () => {
    const CLASSES: Readonly<Record<Level, readonly string[]>> = {
      device: ['dicomDevice', 'dcmDevice', 'dcmArchiveDevice'],
      ae: ['dicomNetworkAE', 'dcmNetworkAE', 'dcmArchiveNetworkAE', 'upsArchiveNetworkAE'],
    }
    const MANY: readonly string[] = ['texts', 'aeTitles', 'queueSizes']
    const SYNTAXES: Readonly<Record<string, string>> = { boolean: BOOL, integer: INT }
    const settings: readonly Setting[] = Object.values(SETTINGS)
    for (const { attribute, scope, type } of settings) {
      const levels: readonly Level[] = scope === 'both' ? ['device', 'ae'] : [scope]
      const amount = MANY.includes(type.name) ? 'any number of values' : 'one value'
      it(`${attribute}: ${amount}, on ${levels.join(' and ')}`, () => {
        const definition = defined.attributeTypes.get(attribute)
        expect(definition?.singleValue).to.equal(!MANY.includes(type.name))
        if (type.name in SYNTAXES) expect(definition?.syntax).to.equal(SYNTAXES[type.name])
        for (const level of levels) {
          const allowed = CLASSES[level].flatMap((name) => {
            const { must = [], may = [] } = defined.objectClasses.get(name) ?? {}
            return [...must, ...may]
          })
          expect(allowed, level).to.include(attribute)
        }
      })
    }
  })

  // dcm4chee.md 7.1, written down a second time. D: dcmArchiveDevice, A: dcmArchiveNetworkAE; all are MAY.
  describe('defines the UPS attributes as dcm4chee does', () => {
    const PUBLISHED = `
      302 dcmUPSWorklistLabel               DS   single D A
      303 dcmUPSEventSCU                    IA5  multi  D A
      306 dcmDeleteUPSPollingInterval       IA5  single D -
      307 dcmDeleteUPSFetchSize             INT  single D -
      308 dcmDeleteUPSCompletedDelay        IA5  single D -
      309 dcmDeleteUPSCanceledDelay         IA5  single D -
      310 dcmUPSEventSCUKeepAlive           INT  single D A
      394 dcmUPSEventWebSocketQueueSize     IA5  multi  D -
      435 dcmUPSUpdateWithoutTransactionUID BOOL single D A
      518 dcmUPSWorklistLabelFilter         IA5  multi  - A`
    const SYNTAXES: Readonly<Record<string, readonly [string, string]>> = {
      DS: ['1.3.6.1.4.1.1466.115.121.1.15', 'caseExactMatch'],
      IA5: ['1.3.6.1.4.1.1466.115.121.1.26', 'caseExactIA5Match'],
      INT: [INT, 'integerMatch'],
      BOOL: [BOOL, 'booleanMatch'],
    }
    for (const row of PUBLISHED.trim().split('\n')) {
      const [number, name = '', form = '', valued, onDevice, onAe] = row.trim().split(/\s+/)
      it(row.trim().replaceAll(/\s+/g, ' '), () => {
        const [syntax, equality] = SYNTAXES[form] ?? []
        expect(defined.attributeTypes.get(name)).to.deep.equal({
          oid: `1.2.40.0.13.1.15.110.3.${number}`,
          equality,
          syntax,
          singleValue: valued === 'single',
        })
        const { may: device = [] } = defined.objectClasses.get('dcmArchiveDevice') ?? {}
        const { may: ae = [] } = defined.objectClasses.get('dcmArchiveNetworkAE') ?? {}
        expect([device.includes(name), ae.includes(name)]).to.deep.equal([onDevice === 'D', onAe === 'A'])
      })
    }

    it('and the classes that hold them', () => {
      const [device, ae] = ['dcmArchiveDevice', 'dcmArchiveNetworkAE'].map((name) => defined.objectClasses.get(name))
      expect([device?.oid, device?.kind, device?.must]).to.deep.equal([
        '1.2.40.0.13.1.15.110.4.4',
        'AUXILIARY',
        ['dcmFuzzyAlgorithmClass'],
      ])
      expect([ae?.oid, ae?.kind, ae?.must]).to.deep.equal(['1.2.40.0.13.1.15.110.4.5', 'AUXILIARY', []])
    })
  })

  // PS3.6 Annex A (LDAP OIDs) and PS3.15 Annex H.
  it('defines the classes of the standard under its OIDs', () => {
    const STANDARD = [
      'dicomConfigurationRoot',
      'dicomDevicesRoot',
      'dicomUniqueAETitlesRegistryRoot',
      'dicomDevice',
      'dicomNetworkAE',
      'dicomNetworkConnection',
      'dicomUniqueAETitle',
      'dicomTransferCapability',
    ]
    for (const [index, name] of STANDARD.entries()) {
      const { oid, kind } = defined.objectClasses.get(name) ?? {}
      expect([name, oid, kind]).to.deep.equal([name, `1.2.840.10008.15.0.4.${index + 1}`, 'STRUCTURAL'])
    }
    expect(defined.objectClasses.get('dicomDevice')?.must).to.have.members(['dicomDeviceName', 'dicomInstalled'])
    expect(defined.objectClasses.get('dicomNetworkAE')?.must).to.have.members([
      'dicomAETitle',
      'dicomNetworkConnectionReference',
      'dicomAssociationInitiator',
      'dicomAssociationAcceptor',
    ])
  })

  it('has the files of upsArchive as derive.ts writes them (node schema/ldap/derive.ts)', () => {
    for (const [file, text] of writeOurs()) expect(readFileSync(join(SCHEMA, file), 'utf8'), file).to.equal(text)
  })
})

describe('Our LDAP schema and an unmodified dcm4chee', () => {
  let folder: string
  let ours: Slapd
  let theirs: Slapd
  before(async function () {
    const shared = sharedPath('ldap', 'dcm4chee')
    if (slapdMissing !== undefined || shared === undefined) return this.skip()
    folder = shared
    ours = await startSlapd({ schema: 'ours' })
    theirs = await startSlapd({ schema: 'dcm4chee' })
  })
  after(async () => {
    await ours?.stop()
    await theirs?.stop()
  })

  it('has the other files as derive.ts derives them (node schema/ldap/derive.ts)', () => {
    const derived = derivePublished((file) => readFileSync(join(folder, file), 'utf8'))
    expect(derived.size).to.equal(4)
    for (const [file, text] of derived) expect(readFileSync(join(SCHEMA, file), 'utf8'), file).to.equal(text)
  })

  it("defines all that dcm4chee's schema defines, but for its user interface, and not a word of it otherwise", async () => {
    const UI = '( 1.2.40.0.13.1.15.111.'
    const published = (await publishedBy(theirs)).filter((text) => isNotOpenldaps(text) && !text.startsWith(UI))
    const own = (await publishedBy(ours)).filter((text) => isNotOpenldaps(text) && !text.includes(OUR_OID))
    expect(own.map(interfaceOf).toSorted()).to.deep.equal(published.map(interfaceOf).toSorted())
  })

  it("copies none of dcm4chee's descriptions", async () => {
    const published = descriptionsIn((await publishedBy(theirs)).filter(isNotOpenldaps))
    const own = descriptionsIn((await publishedBy(ours)).filter(isNotOpenldaps))
    expect(published).to.have.length.above(500)
    expect(own).to.have.length.above(0)
    expect(own.filter((text) => published.includes(text))).to.deep.equal([])
  })

  it("loads dcm4chee's directory into our schema", async () => {
    const files = ['5-base.ldif', '6-config-root.ldif', '7-default-config.ldif'].map((file) => join(folder, file))
    await addFiles(ours, files)
    const entries = await ours.search('dc=dcm4che,dc=org', '(objectClass=*)', ['1.1'])
    expect(countEntries(entries)).to.equal(countEntriesOf(files)).and.to.be.above(1500)
  })

  it("loads our sample archive into dcm4chee's schema, all but RADONC", async () => {
    await addFiles(theirs, sample('base', 'archive'))
    const entries = await theirs.search('dc=archive,dc=example', '(objectClass=*)', ['1.1'])
    expect(countEntries(entries)).to.equal(countEntriesOf(sample('base', 'archive')))
    expect(await failure(addFiles(theirs, sample('radonc')))).to.match(/^ldapadd ended with 21: .*Invalid syntax/s)
  })

  it("loads RADONC, too, once upsArchive.ldif has been added to dcm4chee's schema", async () => {
    await theirs.addFile(join(SCHEMA, 'upsArchive.ldif'))
    await addFiles(theirs, sample('radonc'))
    const entries = await theirs.search('dc=archive,dc=example', '(objectClass=upsArchiveNetworkAE)')
    expect(entries).to.match(/^dn: dicomAETitle=RADONC,/m)
    expect(entries).to.match(/^dcmDeleteUPSPollingInterval: PT1H$/m)
  })

  it('loads everything of ours where upsArchive.ldif was there from the start', async () => {
    const both = await startSlapd({ schema: 'dcm4chee and ours' })
    try {
      await addFiles(both, sample('base', 'archive', 'radonc'))
      expect((await definitionsOf(both)).objectClasses).to.include.keys('dcmuiConfig', 'upsArchiveNetworkAE')
    } finally {
      await both.stop()
    }
  })

  it("refuses to stand beside dcm4chee's own files, as their headers say", async () => {
    const [dicom = '', compatible = ''] = ourSchemaFiles('ldif')
    expect(await failure(theirs.addFile(dicom))).to.match(/Duplicate|Already exists/)
    expect(await failure(theirs.addFile(compatible))).to.match(/Duplicate|Already exists/)
    expect(await failure(ours.addFile(dcm4cheeSchemaFiles()[2] ?? ''))).to.match(/Duplicate|Already exists/)
  })
})
