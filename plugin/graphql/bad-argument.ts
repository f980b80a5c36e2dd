/** An argument of a field cannot be used: the client's mistake, which it is told. */
export class BadArgument extends Error {
  override readonly name = 'BadArgument'
  /** Where the value stands, from the argument inwards: `path`, `filter.patientBirthDate.from`. */
  readonly argument: string

  /** `reason` goes on after the argument; both become one sentence. */
  constructor(argument: string, reason: string) {
    super(`${argument} ${reason}.`)
    this.argument = argument
  }
}
