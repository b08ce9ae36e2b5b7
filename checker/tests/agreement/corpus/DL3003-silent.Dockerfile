FROM node:22-slim
WORKDIR /app
RUN npm ci && echo "cd /app"
