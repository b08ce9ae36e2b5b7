FROM node:22-slim
CMD npm start
