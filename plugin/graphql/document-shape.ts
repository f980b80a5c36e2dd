/**
 * How deep and how wide a document is, told without expanding it: a fragment is measured once, however often it is spread, so
 * that a document that grows without bound costs no more than its own length.
 */
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql'
import { Kind } from 'graphql'

export interface Shape {
  /** Of fields in each other. */
  readonly depth: number
  /** Fields under another name, each as often as its fragment is spread. */
  readonly aliases: number
}

export type Measured = ({ readonly is: 'measured' } & Shape) | { readonly is: 'circular' }

const NOTHING: Shape = { depth: 0, aliases: 0 }

/** By name. */
export const fragmentsOf = ({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> =>
  new Map(definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])))

/** Of the deepest and of the widest operation of it. */
export function measureDocument(document: DocumentNode): Measured {
  const measurer = new Measurer(fragmentsOf(document))
  const shapes = document.definitions.flatMap((one) =>
    'selectionSet' in one && one.selectionSet ? [measurer.measure(one.selectionSet)] : [],
  )
  if (measurer.isCircular) return { is: 'circular' }
  return {
    is: 'measured',
    depth: Math.max(0, ...shapes.map(({ depth }) => depth)),
    aliases: Math.max(0, ...shapes.map(({ aliases }) => aliases)),
  }
}

class Measurer {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly #shapes = new Map<string, Shape>()
  readonly #begun = new Set<string>()
  isCircular = false

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments
  }

  measure({ selections }: SelectionSetNode): Shape {
    let { depth, aliases } = NOTHING
    for (const selection of selections) {
      const shape = this.#shapeOf(selection)
      depth = Math.max(depth, shape.depth)
      aliases += shape.aliases
    }
    return { depth, aliases }
  }

  #shapeOf(selection: SelectionSetNode['selections'][number]): Shape {
    switch (selection.kind) {
      case Kind.FIELD: {
        const { depth, aliases } = selection.selectionSet ? this.measure(selection.selectionSet) : NOTHING
        return { depth: depth + 1, aliases: aliases + (selection.alias ? 1 : 0) }
      }
      case Kind.INLINE_FRAGMENT:
        return this.measure(selection.selectionSet)
      case Kind.FRAGMENT_SPREAD:
        return this.#fragment(selection.name.value)
    }
  }

  #fragment(name: string): Shape {
    const known = this.#shapes.get(name)
    if (known) return known
    const fragment = this.#fragments.get(name)
    // One that is not there is told by the validation.
    if (!fragment) return NOTHING
    // Begun, and not known yet: it is in itself.
    if (this.#begun.has(name)) {
      this.isCircular = true
      return NOTHING
    }
    this.#begun.add(name)
    const shape = this.measure(fragment.selectionSet)
    this.#shapes.set(name, shape)
    return shape
  }
}
