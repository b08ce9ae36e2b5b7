FROM node:22-slim
ENTRYPOINT ["node"]
CMD ["server.js"]
