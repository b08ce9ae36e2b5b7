// The board's front end: one page, with a line from the back end.
const http = require('http');

const backend = process.env.BACKEND_URL || 'http://backend:8000';

http.createServer(async (request, response) => {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  try {
    const answer = await fetch(`${backend}/visits`, { signal: AbortSignal.timeout(1500) });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    response.end(`<h1>Study board</h1>\n<p>${await answer.text()}</p>\n`);
  } catch (problem) {
    response.statusCode = 502;
    response.end(`<h1>Study board</h1>\n<p>${backend} does not answer: ${problem.cause?.code ?? problem.message}</p>\n`);
  }
}).listen(3000, '0.0.0.0');

process.on('SIGTERM', () => process.exit(0));
