import { expect } from 'chai'
import { parseLdif } from '../../plugin/config/ldif-parser.ts'
import { DirectoryError } from '../../plugin/config/directory.ts'

type Plain = readonly [place: string, dn: string, attributes: Readonly<Record<string, readonly string[]>>]

/** Entries as plain data; attributes under the name that the text spells. */
const read = (text: string): readonly Plain[] =>
  parseLdif(text, 'a.ldif').map(({ place, dn, attributes }) => [
    place,
    dn,
    Object.fromEntries([...attributes.values()].map(({ name, values }) => [name, values])),
  ])

const lines = (...all: readonly string[]): string => all.map((line) => `${line}\n`).join('')
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('LDIF content (RFC 2849)', () => {
  const CONTENTS: readonly (readonly [what: string, text: string, entries: readonly Plain[]])[] = [
    ['nothing at all', '', []],
    ['only a version', 'version: 1\n', []],
    ['only comments and empty lines', '# a\n\n#b\n\n\n', []],
    ['one entry', 'dn: cn=a\ncn: a\n', [['a.ldif:1', 'cn=a', { cn: ['a'] }]]],
    ['no line break at the end', 'dn: cn=a\ncn: a', [['a.ldif:1', 'cn=a', { cn: ['a'] }]]],
    ['a version and an empty line', 'version: 1\n\ndn: cn=a\ncn: a\n', [['a.ldif:3', 'cn=a', { cn: ['a'] }]]],
    ['a version directly above an entry', 'version:1\ndn: cn=a\ncn: a\n', [['a.ldif:2', 'cn=a', { cn: ['a'] }]]],
    ['a comment above the version', '# x\n\nversion: 1\n\ndn: cn=a\ncn: a\n', [['a.ldif:5', 'cn=a', { cn: ['a'] }]]],
    [
      'several entries, with more than one empty line between',
      lines('dn: cn=a', 'cn: a', '', '', '', 'dn: cn=b', 'cn: b'),
      [
        ['a.ldif:1', 'cn=a', { cn: ['a'] }],
        ['a.ldif:6', 'cn=b', { cn: ['b'] }],
      ],
    ],
    ['CRLF', 'version: 1\r\n\r\ndn: cn=a\r\ncn: a\r\n b\r\n', [['a.ldif:3', 'cn=a', { cn: ['ab'] }]]],
    [
      'a folded value',
      lines('dn: cn=a', 'cn: one', '  two', ' three'),
      [['a.ldif:1', 'cn=a', { cn: ['one twothree'] }]],
    ],
    [
      'a folded DN and name',
      lines('dn: cn=', ' a', 'descrip', ' tion: x'),
      [['a.ldif:1', 'cn=a', { description: ['x'] }]],
    ],
    ['folded base64', lines('dn: cn=a', 'cn:: YWJj', ' ZGVm'), [['a.ldif:1', 'cn=a', { cn: ['abcdef'] }]]],
    [
      'comments anywhere, folded ones too',
      lines('# one', ' cn: not this', 'dn: cn=a', '#two', 'cn: a', '# three', 'sn: b'),
      [['a.ldif:3', 'cn=a', { cn: ['a'], sn: ['b'] }]],
    ],
    [
      'a comment between empty lines',
      lines('dn: cn=a', 'cn: a', '', '# about b', '', 'dn: cn=b', 'cn: b'),
      [
        ['a.ldif:1', 'cn=a', { cn: ['a'] }],
        ['a.ldif:6', 'cn=b', { cn: ['b'] }],
      ],
    ],
    ['a number sign inside a line', lines('dn: cn=a', 'cn: a # b'), [['a.ldif:1', 'cn=a', { cn: ['a # b'] }]]],
    [
      'several values, in order',
      lines('dn: cn=a', 'cn: b', 'sn: x', 'cn: a'),
      [['a.ldif:1', 'cn=a', { cn: ['b', 'a'], sn: ['x'] }]],
    ],
    ['names in different case', lines('dn: cn=a', 'cn: b', 'CN: a'), [['a.ldif:1', 'cn=a', { cn: ['b', 'a'] }]]],
    ['an empty value', lines('dn: cn=a', 'cn:', 'sn: '), [['a.ldif:1', 'cn=a', { cn: [''], sn: [''] }]]],
    ['no space before a value', lines('dn:cn=a', 'cn:a'), [['a.ldif:1', 'cn=a', { cn: ['a'] }]]],
    [
      'many spaces before a value, and some after',
      lines('dn: cn=a', 'cn:    a  '),
      [['a.ldif:1', 'cn=a', { cn: ['a  '] }]],
    ],
    ['colons in a value', lines('dn: cn=a', 'cn: :a:b'), [['a.ldif:1', 'cn=a', { cn: [':a:b'] }]]],
    [
      'a value after a space that looks like a URL',
      lines('dn: cn=a', 'cn: <a>'),
      [['a.ldif:1', 'cn=a', { cn: ['<a>'] }]],
    ],
    ['UTF-8 as it is', lines('dn: cn=Štěpán', 'cn: Štěpán 😀'), [['a.ldif:1', 'cn=Štěpán', { cn: ['Štěpán 😀'] }]]],
    ['a base64 value', lines('dn: cn=a', `cn:: ${base64(' Štěpán\n')}`), [['a.ldif:1', 'cn=a', { cn: [' Štěpán\n'] }]]],
    ['an empty base64 value', lines('dn: cn=a', 'cn::'), [['a.ldif:1', 'cn=a', { cn: [''] }]]],
    ['a base64 DN', lines(`dn:: ${base64('cn=Štěpán')}`, 'cn: a'), [['a.ldif:1', 'cn=Štěpán', { cn: ['a'] }]]],
    ['base64 that is not UTF-8', lines('dn: cn=a', 'cn:: //5h'), [['a.ldif:1', 'cn=a', { cn: ['\ufffd\ufffda'] }]]],
    [
      'attribute options, which make an attribute of its own',
      lines('dn: cn=a', 'cn: a', 'cn;lang-de: ä', 'userCertificate;binary:: AQID', 'cn;lang-de;x-1: b'),
      [
        [
          'a.ldif:1',
          'cn=a',
          { cn: ['a'], 'cn;lang-de': ['ä'], 'userCertificate;binary': ['\x01\x02\x03'], 'cn;lang-de;x-1': ['b'] },
        ],
      ],
    ],
    ['an OID as attribute name', lines('dn: cn=a', '2.5.4.3: a'), [['a.ldif:1', 'cn=a', { '2.5.4.3': ['a'] }]]],
    ['DN in capitals', lines('DN: cn=a', 'cn: a'), [['a.ldif:1', 'cn=a', { cn: ['a'] }]]],
  ]
  for (const [what, text, entries] of CONTENTS) {
    it(`may have ${what}`, () => expect(read(text)).to.deep.equal(entries))
  }

  it('gives attributes under their names in lower case', () => {
    const [entry] = parseLdif('dn: cn=a\ndcmUPSWorklistLabel: x\n', 'a.ldif')
    expect(entry?.attributes.get('dcmupsworklistlabel')).to.deep.equal({ name: 'dcmUPSWorklistLabel', values: ['x'] })
  })
})

describe('LDIF that cannot be read', () => {
  const WRONG: readonly (readonly [what: string, text: string, message: string])[] = [
    ['another version', lines('version: 2', '', 'dn: cn=a', 'cn: a'), 'a.ldif:1: expected "version: 1".'],
    [
      'a version further down',
      lines('dn: cn=a', 'cn: a', '', 'version: 1'),
      'a.ldif:4: expected an entry to begin with "dn:".',
    ],
    ['an entry without a DN', lines('', 'cn: a'), 'a.ldif:2: expected an entry to begin with "dn:".'],
    [
      'an entry without attributes',
      lines('dn: cn=a', '', 'dn: cn=b', 'cn: b'),
      'a.ldif:1: expected attributes below the DN.',
    ],
    [
      'no empty line between two entries',
      lines('dn: cn=a', 'cn: a', '   ', 'dn: cn=b', 'cn: b'),
      'a.ldif:4: expected an empty line before the next DN (a line that holds only spaces is none).',
    ],
    ['a line without a colon', lines('dn: cn=a', 'cn: a', 'secret'), 'a.ldif:3: expected "attribute: value".'],
    ['a name that is none', lines('dn: cn=a', 'c_n: a'), 'a.ldif:2: expected "attribute: value".'],
    ['a space before the colon', lines('dn: cn=a', 'cn : a'), 'a.ldif:2: expected "attribute: value".'],
    ['an empty option', lines('dn: cn=a', 'cn;: a'), 'a.ldif:2: expected "attribute: value".'],
    ['a tab instead of a space', lines('dn: cn=a', 'cn: a', '\tb'), 'a.ldif:3: expected "attribute: value".'],
    [
      'a continuation of nothing',
      lines(' cn: a'),
      'a.ldif:1: expected a line above that this one, which begins with a space, continues.',
    ],
    [
      'a continuation of an empty line',
      lines('dn: cn=a', 'cn: a', '', ' b'),
      'a.ldif:4: expected a line above that this one, which begins with a space, continues.',
    ],
    [
      'base64 of the wrong length',
      lines('dn: cn=a', 'cn: a', 'sn:: YWJ'),
      'a.ldif:3: expected the value of sn to be base64.',
    ],
    [
      'base64 with other characters',
      lines('dn: cn=a', 'sn:: YW-j'),
      'a.ldif:2: expected the value of sn to be base64.',
    ],
    ['a DN that should be base64', lines('dn:: cn=a', 'cn: a'), 'a.ldif:1: expected the value of dn to be base64.'],
    [
      'a URL for a value',
      lines('dn: cn=a', 'jpegPhoto:< file:///etc/passwd'),
      'a.ldif:2: expected the value of jpegPhoto itself; URLs are not followed.',
    ],
    [
      'a URL for a DN',
      lines('dn:< file:///dn', 'cn: a'),
      'a.ldif:1: expected the value of dn itself; URLs are not followed.',
    ],
    [
      'a NUL in a value',
      lines('dn: cn=a', 'cn: a\0b'),
      'a.ldif:2: expected base64 (cn::) for a value with control characters.',
    ],
    [
      'a lone carriage return',
      lines('dn: cn=a', 'cn: a\rsn: b'),
      'a.ldif:2: expected base64 (cn::) for a value with control characters.',
    ],
    [
      'a change record',
      lines('version: 1', '', 'dn: cn=a', 'changetype: modify', 'replace: cn', 'cn: b', '-'),
      'a.ldif:4: expected an entry, not a change record (changetype:); changes are for ldapmodify.',
    ],
    [
      'a change record with a control',
      lines('dn: cn=a', 'control: 1.2.840.113556.1.4.805 true', 'changetype: delete'),
      'a.ldif:2: expected an entry, not a change record (control:); changes are for ldapmodify.',
    ],
    ['the separator of a change record', lines('dn: cn=a', 'cn: b', '-'), 'a.ldif:3: expected "attribute: value".'],
    [
      'an error in a folded line, named by its first',
      lines('# a', ' b', 'dn: cn=a', 'cn:: YWJ', ' jZ', ' A'),
      'a.ldif:4: expected the value of cn to be base64.',
    ],
  ]
  for (const [what, text, message] of WRONG) {
    it(`is refused for ${what}, with its place and what was expected`, () => {
      expect(() => read(text))
        .to.throw(DirectoryError)
        .that.includes({ message, code: 'UPS_BAD_CONFIGURATION', failure: 'unusable' })
    })
  }

  it('is refused without showing what may be a password', () => {
    expect(() => read('dn: cn=a\nuserPassword hunter2\n')).to.throw(/^a\.ldif:2: expected "attribute: value"\.$/)
    expect(() => read('dn: cn=a\nuserPassword:: hunter2\n')).to.throw(
      /^a\.ldif:2: expected the value of userPassword to be base64\.$/,
    )
  })
})
