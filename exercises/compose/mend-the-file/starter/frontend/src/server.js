// The front end: it asks the backend by its service name and shows the answer.
const http = require("http");

const server = http.createServer((request, response) => {
  http
    .get("http://backend:8000/", (answer) => {
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
      response.write("front end: ");
      answer.pipe(response);
    })
    .on("error", (error) => {
      response.writeHead(502);
      response.end(`front end: no backend (${error.code})\n`);
    });
});

process.on("SIGTERM", () => process.exit(0));
server.listen(3000, "0.0.0.0");
