FROM alpine:3.22
RUN apk add --no-cache curl=8.0.1-r0 git~=2.40
