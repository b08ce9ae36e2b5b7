FROM alpine:3.22
RUN apk update && apk add --update curl bash && rm -rf /var/cache/apk/*
RUN apk add --no-cache --virtual .deps gcc musl-dev
SHELL ["/bin/ash", "-eo", "pipefail", "-c"]
RUN curl -s https://example.com | sh
USER nobody
