ARG VERSION=12
# a remark
FROM debian:${VERSION}
