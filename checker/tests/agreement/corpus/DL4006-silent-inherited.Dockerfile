FROM debian:12 AS base
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
FROM base
RUN wget -O - https://example.com/a | tar xz
