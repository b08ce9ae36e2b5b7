FROM debian:12
ARG foo=1
ENV bar=2
COPY Dockerfile ${foo} ${bar} ${baz:-x} ./
ENV PATH=$PATH:/x
ENV Y=${HTTP_PROXY}
