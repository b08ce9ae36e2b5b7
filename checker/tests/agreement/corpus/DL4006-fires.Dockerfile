FROM debian:12
RUN wget -O - https://example.com/a | tar xz
