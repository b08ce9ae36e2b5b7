FROM alpine:3.22
RUN apk add --no-cache curl=8.0.1-r0
RUN --mount=type=cache,target=/var/cache/apk apk add git=2.40
