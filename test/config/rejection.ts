import { expect } from 'chai'

/** What a promise is rejected with; it must be. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let outcome: unknown
  try {
    outcome = await promise
  } catch (error) {
    return error
  }
  expect.fail(`was not rejected, but gave ${JSON.stringify(outcome)}`)
}
