FROM alpine:3.22
RUN apk add curl=8.0.1-r0
