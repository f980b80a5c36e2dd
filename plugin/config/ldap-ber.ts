/** What of BER (RFC 4511 5.1) the reader of ldapts leaves to us: to come to an end on every input. */
import { Ber, type BerReader } from 'ldapts'
import { notLdapFailure } from './ldap-failures.ts'

export const SEQUENCE = 0x30
export const SET = 0x31

/** The elements of a constructed value, each of which `read` reads whole. */
export function readEach<T>(reader: BerReader, tag: number, read: (reader: BerReader) => T): T[] {
  if (reader.readSequence(tag) === null) throw notLdapFailure()
  const end = reader.offset + reader.length
  const elements: T[] = []
  while (reader.offset < end) {
    const { offset } = reader
    elements.push(read(reader))
    // Nothing is left to read, although more was announced.
    if (reader.offset === offset) throw notLdapFailure()
  }
  if (reader.offset > end) throw notLdapFailure()
  return elements
}

/** An OCTET STRING; it must be there. */
export function readOctets(reader: BerReader): Buffer {
  const octets = reader.readString(Ber.OctetString, true)
  if (octets === null) throw notLdapFailure()
  return octets
}

/** What is not UTF-8 in it becomes U+FFFD. */
export const readText = (reader: BerReader): string => readOctets(reader).toString('utf8')
