FROM node:22-slim
ENTRYPOINT node server.js
