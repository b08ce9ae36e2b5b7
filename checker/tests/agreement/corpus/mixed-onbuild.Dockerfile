FROM node:22-slim
ONBUILD WORKDIR app
ONBUILD COPY a b c
ONBUILD RUN sudo npm ci
ONBUILD CMD npm start
