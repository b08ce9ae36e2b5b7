FROM debian:12-slim
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update \
    && apt-get install -y \
       build-essential \
       curl \
       # the editor
       vim \
    && apt-get clean \
    && rm -rf /var/lib/apt/lists/*
RUN set -eux; \
    curl -fsSL https://example.com/install.sh | bash; \
    echo done
