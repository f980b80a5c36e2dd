/** Writes the part of `docs/ldap.md` that `plugin/config/settings.ts` knows: `npm run docs:ldap`. A test compares. */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Scope, type Setting, SETTINGS } from '../plugin/config/settings.ts'

const BEGIN = '<!-- The settings, from plugin/config/settings.ts: npm run docs:ldap -->\n'
const END = '<!-- End of the settings -->'
const FILE = new URL('ldap.md', import.meta.url)

/** dcm4chee's schema knows these on devices only. */
const NEEDS_OUR_CLASS = [
  'On an AE',
  'the entry needs `objectClass: upsArchiveNetworkAE` (`schema/ldap/upsArchive.ldif`), which RADONC of the sample has',
]

const DEVICE = 'dicomDeviceName=archive,cn=Devices,cn=DICOM Configuration,dc=archive,dc=example'

const LEVELS: Readonly<Record<Scope, string>> = {
  device: 'device',
  ae: 'network AE',
  both: 'device and network AE; the AE wins',
}

/** Where the example sets it: on the AE where that can be. */
const TARGET: Readonly<Record<Scope, string>> = {
  device: DEVICE,
  ae: `dicomAETitle=RADONC,${DEVICE}`,
  both: `dicomAETitle=RADONC,${DEVICE}`,
}

function section({ attribute, scope, type, unit, absent, doc, takesEffect, example }: Setting): string {
  const rows = [
    ['Level', LEVELS[scope]],
    ['Value', type.form + (unit === undefined ? '' : ` (${unit})`)],
    ['Absent means', absent],
    ['A change counts for', takesEffect],
    ...(attribute.startsWith('dcmDeleteUPS') ? [NEEDS_OUR_CLASS] : []),
  ]
  const lines = rows.map(([name, text]) => `| ${name} | ${text} |`).join('\n')
  return `### ${attribute}\n\n${doc}\n\n| | |\n|---|---|\n${lines}\n\n\`\`\`sh\n${modification(attribute, scope, example)}\n\`\`\`\n`
}

const modification = (attribute: string, scope: Scope, values: readonly string[]): string =>
  [
    `ldapmodify -x -H "$LDAP" -D "$ADMIN" -y "$PASSWORD_FILE" <<'EOF'`,
    `dn: ${TARGET[scope]}`,
    'changetype: modify',
    `replace: ${attribute}`,
    ...values.map((value) => `${attribute}: ${value}`),
    'EOF',
  ].join('\n')

/** The whole text of `docs/ldap.md`, its hand-written parts as they are. */
export function ldapReference(text = readFileSync(FILE, 'utf8')): string {
  const [before = '', rest = ''] = text.split(BEGIN)
  const [, after = ''] = rest.split(END)
  const sections = Object.values<Setting>(SETTINGS).map(section).join('\n')
  return `${before}${BEGIN}\n${sections}\n${END}${after}`
}

if (import.meta.main) writeFileSync(FILE, ldapReference())
