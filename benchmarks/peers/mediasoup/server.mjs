// A small SFU on mediasoup, to be measured beside Crossover: JSON over HTTP to the calls that
// mediasoup's own documentation walks through. One worker, one WebRtcServer (one UDP port for
// everybody), a router per room; consumers are made paused and resumed once the client expects them.
//
//   node server.mjs ADDRESS
//
// Prints where its API is, which listens on the loopback interface only. MEDIASOUP_WORKER_BIN names
// the worker's program where the package has none.

import { createServer } from "node:http";
import { createWorker } from "mediasoup";

const address = process.argv[2] ?? "127.0.0.1";

const mediaCodecs = [{ kind: "video", mimeType: "video/VP8", clockRate: 90000 }];

const worker = await createWorker({ logLevel: "warn" });
worker.on("died", (error) => {
  console.error(`the worker died: ${error.message}`);
  process.exit(1);
});
const webRtcServer = await worker.createWebRtcServer({
  listenInfos: [{ protocol: "udp", ip: address }],
});

const routers = new Map();
const transports = new Map();
const consumers = new Map();

/** The room's router; one, however many ask for it at once. */
function routerOf(room) {
  if (!routers.has(room)) routers.set(room, worker.createRouter({ mediaCodecs }));
  return routers.get(room);
}

const requests = {
  /** A transport in a room, and what the room's router can receive. */
  async open({ room }) {
    const router = await routerOf(room);
    const transport = await router.createWebRtcTransport({ webRtcServer, enableTcp: false });
    transports.set(transport.id, { router, transport });
    const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
    const { rtpCapabilities } = router;
    return { id, iceParameters, iceCandidates, dtlsParameters, rtpCapabilities };
  },

  /** The client's fingerprints. */
  async connect({ transport, dtlsParameters }) {
    await transports.get(transport).transport.connect({ dtlsParameters });
    return {};
  },

  /** A producer of video. */
  async produce({ transport, rtpParameters }) {
    const producer = await transports.get(transport).transport.produce({
      kind: "video",
      rtpParameters,
    });
    return { id: producer.id };
  },

  /** A consumer, paused. */
  async consume({ transport, producer, rtpCapabilities }) {
    const consumer = await transports.get(transport).transport.consume({
      producerId: producer,
      rtpCapabilities,
      paused: true,
    });
    consumers.set(consumer.id, consumer);
    return { id: consumer.id, rtpParameters: consumer.rtpParameters };
  },

  async resume({ consumer }) {
    await consumers.get(consumer).resume();
    return {};
  },
};

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

const server = createServer(async (request, response) => {
  try {
    const answer = requests[request.url.slice(1)];
    if (answer === undefined) {
      response.writeHead(404).end("no such request");
      return;
    }
    const body = JSON.stringify(await answer(await bodyOf(request)));
    response.writeHead(200, { "Content-Type": "application/json" }).end(body);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});

server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
