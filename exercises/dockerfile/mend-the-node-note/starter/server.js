// The front page of the study group's board. It needs the package `ms`, which package.json lists.
const http = require('http');
const ms = require('ms');

const evening = ms('90 minutes');

const server = http.createServer((request, response) => {
  const found = request.url === '/';
  response.writeHead(found ? 200 : 404, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(found ? `Study board: an evening takes ${ms(evening)}.\n` : 'There is no such page.\n');
});

server.listen(80, () => console.log('The board listens on port 80.'));
// Docker asks the main process to end with SIGTERM.
process.on('SIGTERM', () => process.exit(0));
