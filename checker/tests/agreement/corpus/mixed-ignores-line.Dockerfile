FROM debian:12
# hadolint ignore=DL3025
CMD node a.js
# hadolint ignore=DL4000
MAINTAINER me
