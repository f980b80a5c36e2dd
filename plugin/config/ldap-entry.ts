/** Search result entries as they come over the wire (RFC 4511 4.5.2). */
import { BerReader, ProtocolOperation } from 'ldapts'
import { type DirectoryEntry, directoryEntry } from './directory.ts'
import { readEach, readOctets, readText, SEQUENCE, SET } from './ldap-ber.ts'
import { isRelevant } from './relevant.ts'

/** An encoded SearchResultEntry. The same octets for the same entry. */
export type EncodedEntry = Buffer

/** Only the attributes that somebody looks at: among the others of a device are passwords, which are passed over unread. */
export function decodeEntry(encoded: EncodedEntry): DirectoryEntry {
  const reader = new BerReader(encoded)
  reader.readSequence(ProtocolOperation.LDAP_RES_SEARCH_ENTRY)
  const dn = readText(reader)
  return directoryEntry(dn, readEach(reader, SEQUENCE, readAttribute).flat())
}

function readAttribute(reader: BerReader): readonly (readonly [name: string, value: string])[] {
  reader.readSequence(SEQUENCE)
  const name = readText(reader)
  const values = readEach(reader, SET, readOctets)
  // What is not UTF-8 becomes U+FFFD, as in an LDIF file.
  return isRelevant(name.toLowerCase()) ? values.map((octets) => [name, octets.toString('utf8')]) : []
}
