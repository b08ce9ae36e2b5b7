FROM debian:12 AS base
RUN useradd --create-home app
USER app
WORKDIR /home/app

FROM base AS dev
USER root
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*

FROM base
COPY --chown=app:app . .
CMD ["./run"]
