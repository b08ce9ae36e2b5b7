FROM debian:12
ARG foo
COPY Dockerfile ${foo}${bar} .
ENV X=$PAHT
LABEL v=$VERSION
