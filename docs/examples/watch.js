// Shows the event reports of a subscriber: node docs/examples/watch.js URL [HOW MANY]
const [url, count = Infinity] = process.argv.slice(2)
const channel = new WebSocket(url)
let seen = 0
channel.addEventListener('message', ({ data }) => {
  process.stdout.write(`${data}\n`)
  if (++seen >= count) channel.close()
})
channel.addEventListener('error', () => {
  process.stderr.write(`no channel at ${url}\n`)
  process.exitCode = 1
})
