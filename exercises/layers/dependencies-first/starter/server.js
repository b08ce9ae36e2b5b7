// The front page of the study group's board.
const http = require('http');
const ms = require('ms');

const server = http.createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`Study board: the next evening is in ${ms(ms('2 days'), { long: true })}.\n`);
});

server.listen(3000, () => console.log('The board listens on port 3000.'));
process.on('SIGTERM', () => process.exit(0));
