// A knxultimate client, told what to do by JSON lines; prints events as JSON lines. Node's own modules and the peer only.
'use strict'
const readline = require('readline')
const os = require('os')
const path = require('path')

// It speaks from the first interface that is not the loopback one, and must not leave this machine.
os.networkInterfaces = () => ({ lo: [{ address: '127.0.0.1', netmask: '255.0.0.0', family: 'IPv4', mac: '00:00:00:00:00:00',
  internal: false, cidr: '127.0.0.1/8' }] })
const { KNXClient } = require(path.join(process.argv[2], 'node_modules', 'knxultimate'))
let client = null

function tell(event, members) {
  process.stdout.write(JSON.stringify({ event, ...members }) + '\n')
}

const kinds = [['isGroupRead', 'read'], ['isGroupResponse', 'response'], ['isGroupWrite', 'write']]

function onIndication(packet, echoed) {
  const message = packet.cEMIMessage
  const npdu = message.npdu
  const kind = kinds.find(([name]) => npdu[name])
  tell('telegram', {
    echoed,
    kind: kind ? kind[1] : 'other',
    source: message.srcAddress.toString(),
    group: message.dstAddress.toString(),
    value: npdu.dataValue ? npdu.dataValue.toString('hex') : null
  })
}

const orders = {
  connect(order) {
    client = new KNXClient({ loglevel: 'disable', ...order.options })
    client.on('connected', () => tell('connected', { channel: client.channelID, address: client.physAddr.toString() }))
    client.on('disconnected', (reason) => tell('disconnected', { reason: String(reason) }))
    client.on('error', (error) => tell('error', { reason: String(error && error.message) }))
    client.on('indication', onIndication)
    client.on('ackReceived', (packet, ack) => tell('ack', { ack }))
    client.Connect()
  },
  read(order) { client.read(order.group) },
  write(order) { client.writeRaw(order.group, Buffer.from(order.value, 'hex'), order.bits) },
  many(order) {
    for (let n = 0; n < order.count; n++) {
      const octets = Buffer.alloc(2)
      octets.writeUInt16BE(n)
      client.writeRaw(order.group, octets, 16)
    }
  },
  heartbeat() { client.runHeartbeat() },
  disconnect() { client.Disconnect().then(() => tell('gone', {}), (error) => tell('gone', { reason: String(error) })) }
}

process.on('uncaughtException', (error) => tell('error', { reason: String(error.stack) }))
process.on('unhandledRejection', (error) => tell('error', { reason: String(error) }))
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line)
  try {
    orders[order.do](order)
  } catch (error) {
    tell('error', { reason: String(error.stack) })
  }
}).on('close', () => process.exit(0))
tell('ready', {})
