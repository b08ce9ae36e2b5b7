FROM node:22-slim
RUN cd /app && npm ci
RUN git clone https://example.com/x && cd x && make
