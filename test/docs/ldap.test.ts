import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { ldapReference } from '../../docs/ldap-reference.ts'
import { checkConfiguration } from '../../plugin/index.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { type Slapd, slapdMissing, startSlapd } from '../support/slapd.ts'

const text = readFileSync(new URL('../../docs/ldap.md', import.meta.url), 'utf8')

describe('The reference for LDAP administrators', () => {
  it('says of the settings what the settings table says (npm run docs:ldap)', () => {
    expect(ldapReference(text)).to.equal(text)
  })

  const describeWithSlapd = slapdMissing === undefined ? describe : describe.skip

  describeWithSlapd('has examples that work when they are pasted', () => {
    let folder: Folder
    let slapd: Slapd
    before(async () => {
      folder = temporaryFolder()
      slapd = await startSlapd({ schema: 'ours' })
      writeFileSync(join(folder.path, 'ldap-password'), slapd.rootPassword, { mode: 0o600 })
    })
    after(async () => {
      await slapd.stop()
      folder.remove()
    })

    /** As pasted into a shell, in the folder of the project. */
    const run = (command: string) =>
      spawnSync('sh', ['-c', command], {
        encoding: 'utf8',
        cwd: fileURLToPath(new URL('../../', import.meta.url)),
        env: {
          ...process.env,
          LDAP: slapd.url,
          ADMIN: slapd.rootDn,
          PASSWORD_FILE: join(folder.path, 'ldap-password'),
        },
      })

    const examples = [...text.matchAll(/```sh\n(ldapmodify [^]*?)```/g)].map(([, command = '']) => command)

    it('and load the sample archive', () => {
      const [command = ''] = /^for file in ldif\/.*$/m.exec(text) ?? []
      expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).to.contain(command)
      const { status, stdout } = run(command)
      expect([status, stdout.match(/adding new entry/g)?.length]).to.deep.equal([0, 10])
    })

    it('for every setting', () => expect(examples.length).to.be.greaterThan(12))

    for (const command of examples) {
      const [, dn = '', attribute = ''] = /^dn: (.*)\n.*\nreplace: (.*)$/m.exec(command) ?? []
      const values = [...command.matchAll(new RegExp(`^${attribute}: (.*)$`, 'gm'))].map(([, value]) => value)

      it(attribute, async () => {
        const { status, stderr } = run(command)
        expect([status, stderr]).to.deep.equal([0, ''])
        const check = await checkConfiguration({ config: `${slapd.url}/dc=archive,dc=example` })
        if (!check.ok) throw new Error(check.message)
        const entries = [check.report.device, ...check.report.networkAEs]
        const setting = entries.find((entry) => entry.dn === dn)?.settings[attribute]
        expect(setting?.origin.dn).to.equal(dn)
        expect(
          [setting?.value]
            .flat()
            .map((value) => String(value).toUpperCase())
            .toSorted(),
        ).to.deep.equal(values.map((value) => String(value).toUpperCase()).toSorted())
      })
    }
  })
})
