FROM debian:12
maintainer me
