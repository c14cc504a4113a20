// A relay as one would write it first: parse the JSON, look up the room, serialise the message
// once, send the same bytes to everybody it is for. It understands those messages of the room
// dialect (signaling/PROTOCOL.md) that the benchmark sends, so that one client can load both.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const rooms = new Map() // room id → Map of member id → WebSocket
let counter = 0

const say = (socket, message) => socket.send(JSON.stringify(message))

const handlers = {
  'create-room'(socket, me, { id }) {
    const roomId = `room-${++counter}`
    rooms.set(roomId, new Map([[me, socket]]))
    say(socket, { type: 'room-created', id, room: { id: roomId } })
  },

  'join-room'(socket, me, { id, payload }) {
    const room = rooms.get(payload.roomId)
    if (room === undefined) return
    room.set(me, socket)
    say(socket, { type: 'room-joined', id, room: { id: payload.roomId } })
  },

  ping(socket, me, { id }) {
    say(socket, { type: 'pong', id, timestamp: Date.now() })
  },

  // to every member and its sender, as Crossover does
  chat(socket, me, { roomId, payload, nonce }) {
    const room = rooms.get(roomId)
    if (room === undefined || !room.has(me)) return
    const data = Buffer.from(JSON.stringify({ type: 'chat', roomId, from: me, payload, nonce }))
    for (const member of room.values()) member.send(data, { binary: false })
  },

  // to one other member
  offer(socket, me, { roomId, to, payload }) {
    const room = rooms.get(roomId)
    const target = room?.get(to)
    if (target === undefined || !room.has(me)) return
    const data = Buffer.from(JSON.stringify({ type: 'offer', roomId, from: me, payload }))
    target.send(data, { binary: false })
  },
}

const http = createServer()
const server = new WebSocketServer({ server: http, path: '/ws', perMessageDeflate: false })

server.on('connection', (socket) => {
  const me = `member-${++counter}`
  socket.on('error', () => {})
  socket.on('message', (data) => {
    const message = JSON.parse(data)
    handlers[message.type]?.(socket, me, message)
  })
  socket.on('close', () => {
    for (const room of rooms.values()) room.delete(me)
  })
  say(socket, { type: 'client-id', id: me })
})

http.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  console.log(`ready on http://127.0.0.1:${http.address().port}`)
})
