FROM node
RUN mkdir -p /usr/src/app && cd /usr/src/app
WORKDIR /usr/src/app
ADD . /usr/src/app
RUN npm install
ENV NODE_ENV development
EXPOSE 3000
CMD ["npm", "start"]
