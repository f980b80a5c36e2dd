/** Keywords of PS3.6 as names in GraphQL. */

/** The first word: `S` of StudyInstanceUID, `SOP` of SOPInstanceUID, `HL7` of HL7InstanceIdentifier, all of UID. */
const FIRST_WORD = /^[A-Z0-9]+(?=[A-Z][a-z]|$)|^[A-Z]/

/** `SOPInstanceUID` -> `sopInstanceUID`. */
export const fieldName = (keyword: string): string => keyword.replace(FIRST_WORD, (word) => word.toLowerCase())

/** `SOPInstanceUID` -> `SOP_INSTANCE_UID`, `IN PROGRESS` -> `IN_PROGRESS`. */
export const enumValueName = (text: string): string =>
  text
    .replaceAll(' ', '_')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toUpperCase()
