/** The part of the dictionary of dcmjs that is used here; the package has no types of its own. */
declare module 'dcmjs/dictionary' {
  export const dictionary: Readonly<
    Record<
      string,
      {
        /** `(0010,0010)`, a range as in `(6000-60FF,0010)`, or a private element with its creator between quotes. */
        readonly tag: string
        /** A VR, or one of the codes in lower case that stand for a choice (`xs`: US or SS). */
        readonly vr?: string
        /** The keyword; of a retired attribute with `RETIRED_` before it. */
        readonly name?: string
        readonly vm?: string
      }
    >
  >
}
