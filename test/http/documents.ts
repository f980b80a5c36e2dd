/** Payloads of our own, in every shape that PS3.18 8.7 knows. */

const START_DATE_TIME = '20261122093000'

const one = (tag: string, vr: string, value: string): string =>
  `<DicomAttribute tag="${tag}" vr="${vr}"><Value number="1">${value}</Value></DicomAttribute>`

/** Native DICOM Model of the smallest workitem that can be created, with more attributes if wanted. */
export const xmlWorkitem = (label: string, more = ''): string =>
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM" xml:space="preserve">' +
  one('00404005', 'DT', START_DATE_TIME) +
  one('00404041', 'CS', 'READY') +
  one('00741000', 'CS', 'SCHEDULED') +
  one('00741200', 'CS', 'LOW') +
  one('00741204', 'LO', label) +
  more +
  '</NativeDicomModel>'

/** The same in the DICOM JSON Model, as text. */
export const jsonWorkitem = (label: string): string =>
  JSON.stringify({
    '00404005': { vr: 'DT', Value: [START_DATE_TIME] },
    '00404041': { vr: 'CS', Value: ['READY'] },
    '00741000': { vr: 'CS', Value: ['SCHEDULED'] },
    '00741200': { vr: 'CS', Value: ['LOW'] },
    '00741204': { vr: 'LO', Value: [label] },
  })

export const multipart = (
  content: string,
  headers = 'Content-Type: application/dicom+xml\r\n',
  boundary = 'b',
): string => `--${boundary}\r\n${headers}\r\n${content}\r\n--${boundary}--\r\n`

export const XML = 'application/dicom+xml'
export const MULTIPART_XML = 'multipart/related; type="application/dicom+xml"; boundary=b'

/** `depth` sequences, one inside the other, as a text of JSON and of XML. */
export const nestedJson = (depth: number): string =>
  `${'{"0040A730":{"vr":"SQ","Value":['.repeat(depth)}{}${']}}'.repeat(depth)}`

export const nestedXml = (depth: number): string =>
  `${'<DicomAttribute tag="0040A730" vr="SQ"><Item number="1">'.repeat(depth)}${'</Item></DicomAttribute>'.repeat(depth)}`
