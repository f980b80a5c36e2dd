/** Root hooks: a test that leaves something running fails, with the name of what it left. */
const open = new Map<object, { readonly name: string; readonly end: () => void }>()

/** `end` takes it down by force, so that the run itself comes to an end. */
export function opened(thing: object, name: string, end: () => void = () => undefined): void {
  open.set(thing, { name, end })
}

export function closed(thing: object): void {
  open.delete(thing)
}

export const mochaHooks = {
  afterAll(): void {
    const left = [...open.values()]
    open.clear()
    for (const { end } of left) end()
    if (left.length > 0) throw new Error(`left running: ${left.map(({ name }) => name).join(', ')}`)
  },
}
