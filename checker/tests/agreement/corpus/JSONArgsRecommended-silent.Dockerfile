FROM node:22-slim
SHELL ["bash", "-c"]
CMD npm start
HEALTHCHECK CMD curl localhost
