// Sends a file with the official client of tus, over connections that break at a third and at two thirds of it.
// node uploads.mjs ENDPOINT BEARER ITEM FILE: prints a line of JSON with the receipt and what was asked.
import { createReadStream, statSync } from 'node:fs';
import { Agent } from 'node:http';
import { basename } from 'node:path';
import tus from 'tus-js-client';

const [endpoint, bearer, item, file] = process.argv.slice(2);
const { size } = statSync(file);
const breaks = [size / 3, (2 * size) / 3];
const asked = [];
let written = 0;

class Breaking extends Agent {
  createConnection(options, callback) {
    const socket = super.createConnection(options, callback);
    const write = socket.write.bind(socket);
    socket.write = (chunk, ...rest) => {
      written += chunk.length;
      if (!breaks.length || written < breaks[0]) return write(chunk, ...rest);
      breaks.shift();
      socket.destroy();
      return false;
    };
    return socket;
  }
}

const upload = new tus.Upload(createReadStream(file), {
  endpoint,
  headers: { Authorization: `Bearer ${bearer}` },
  metadata: { item, filename: basename(file), key: `tus-${basename(file)}` },
  retryDelays: [300, 600, 1200, 2400, 2400, 2400],
  httpStack: new tus.DefaultHttpStack({ agent: new Breaking() }),
  onBeforeRequest: (request) => { asked.push(request.getMethod()); },
  onError: (error) => { console.error(String(error)); process.exit(1); },
  onSuccess: ({ lastResponse }) => {
    console.log(JSON.stringify({ receipt: lastResponse.getHeader('receipt'), asked, left: breaks.length }));
    process.exit(0);
  },
});
upload.start();
