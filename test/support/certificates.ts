/** Certificates for TLS in tests, made by `openssl` into a folder of the test. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Paths of PEM files. */
export interface Certificates {
  /** The authority's certificate: what a client has to trust. */
  readonly caFile: string
  /** The server's certificate, signed by the authority. */
  readonly certFile: string
  readonly keyFile: string
}

export interface CertificateOptions {
  /** Begins the names of the files. Every name is an authority of its own, a stranger to the others. Default: server. */
  readonly name?: string
  /** Whom the server's certificate is for. Default: 127.0.0.1 and localhost. */
  readonly for?: readonly string[]
}

/** An authority and a server's certificate signed by it. Files of that name that are there are replaced. */
export function makeCertificates(
  folder: string,
  { name = 'server', for: hosts = ['IP:127.0.0.1', 'DNS:localhost'] }: CertificateOptions = {},
): Certificates {
  const file = (ending: string): string => join(folder, `${name}-${ending}`)
  const [caFile, certFile, keyFile] = [file('ca.pem'), file('cert.pem'), file('key.pem')]
  const config = file('openssl.cnf')
  writeFileSync(
    config,
    `[req]
distinguished_name = dn
[dn]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
authorityKeyIdentifier = keyid
subjectAltName = ${hosts.join(', ')}
`,
  )
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const request = ['req', '-x509', '-config', config, '-days', '2', ...curve]
  const caKey = file('ca-key.pem')
  const signer = ['-CA', caFile, '-CAkey', caKey]
  openssl(...request, '-extensions', 'authority', '-subj', `/CN=${name} authority`, '-keyout', caKey, '-out', caFile)
  openssl(...request, '-extensions', 'server', '-subj', `/CN=${name}`, ...signer, '-keyout', keyFile, '-out', certFile)
  return { caFile, certFile, keyFile }
}

const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' })
