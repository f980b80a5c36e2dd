/** Spaces that only fill a value up (PS3.5 6.2): trailing ones of all text, leading ones too where the VR says so. */
const SPACE = 0x20

export function withoutTrailingSpaces(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === SPACE) end--
  return end === text.length ? text : text.slice(0, end)
}

/** For AE, CS, DS, IS, LO and SH, where neither leading nor trailing spaces count. */
export function withoutPadding(text: string): string {
  let start = 0
  while (start < text.length && text.charCodeAt(start) === SPACE) start++
  return withoutTrailingSpaces(start === 0 ? text : text.slice(start))
}
