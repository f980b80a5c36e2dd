/** How far a long work is: a bar on a terminal, lines elsewhere. */

export interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface ShownProgress {
  show(done: number, all: number): void
  end(): void
}

/** Percent between two lines. */
const STEP = 10
const WIDTH = 30

export const showProgress = (output: Output, what: string): ShownProgress =>
  output.isTTY ? bar(output, what) : lines(output, what)

function bar(output: Output, what: string): ShownProgress {
  let isBegun = false
  return {
    show(done, all) {
      isBegun = true
      const full = Math.round(shareOf(done, all) * WIDTH)
      output.write(`\r${what} [${'#'.repeat(full).padEnd(WIDTH, '.')}] ${textOf(done, all)}\u001b[K`)
    },
    end() {
      if (isBegun) output.write('\n')
    },
  }
}

function lines(output: Output, what: string): ShownProgress {
  let next = 0
  return {
    show(done, all) {
      const percent = shareOf(done, all) * 100
      if (percent < next) return
      next = (Math.floor(percent / STEP) + 1) * STEP
      output.write(`${what}: ${textOf(done, all)}\n`)
    },
    end() {},
  }
}

const shareOf = (done: number, all: number): number => (all === 0 ? 1 : Math.min(done / all, 1))
const textOf = (done: number, all: number): string => `${done} of ${all} (${Math.floor(shareOf(done, all) * 100)} %)`
