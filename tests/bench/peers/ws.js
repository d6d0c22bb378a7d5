// The `ws` package on Node: everything that is said goes to everybody.
const { WebSocketServer } = require('ws')

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 1024 })
server.on('listening', () => console.log(`listening on ws://127.0.0.1:${server.address().port}/ws`))
server.on('connection', (socket) => {
  socket.on('error', () => {})
  socket.on('message', (data) => {
    for (const client of server.clients) client.send(data, { binary: false })
  })
})
