/** Root hooks: a test that leaves something running fails, with the name of what it left. */
const open = new Map<object, string>()

export function opened(thing: object, name: string): void {
  open.set(thing, name)
}

export function closed(thing: object): void {
  open.delete(thing)
}

export const mochaHooks = {
  afterAll(): void {
    const left = [...open.values()]
    open.clear()
    if (left.length > 0) throw new Error(`left running: ${left.join(', ')}`)
  },
}
