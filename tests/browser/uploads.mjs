// Sends a file with the official client of tus, over connections that break at a third and at two thirds of it.
// node uploads.mjs ENDPOINT BEARER ITEM FILE: prints a line of JSON with the receipt and what was asked.
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { basename } from 'node:path';
import tus from 'tus-js-client';

const [endpoint, bearer, item, file] = process.argv.slice(2);
const data = readFileSync(file);
const agent = new Agent({ keepAlive: true });
const breaks = [data.length / 3, (2 * data.length) / 3];
const asked = [];
const upload = new tus.Upload(data, {
  endpoint,
  headers: { Authorization: `Bearer ${bearer}` },
  metadata: { item, filename: basename(file), key: `tus-${basename(file)}` },
  retryDelays: [100, 200, 400, 800, 1600],
  httpStack: new tus.DefaultHttpStack({ agent }),
  onBeforeRequest: (request) => { asked.push(request.getMethod()); },
  onProgress: (sent) => {
    if (!breaks.length || sent < breaks[0]) return;
    breaks.shift();
    Object.values(agent.sockets).flat().forEach((socket) => socket.destroy());
  },
  onError: (error) => { console.error(String(error)); process.exit(1); },
  onSuccess: ({ lastResponse }) => {
    console.log(JSON.stringify({ receipt: lastResponse.getHeader('receipt'), asked, left: breaks.length }));
    process.exit(0);
  },
});
upload.start();
