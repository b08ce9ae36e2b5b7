FROM debian:12 AS a
RUN curl -O https://example.com/a
FROM debian:12
RUN wget https://example.com/b
