ARG BASE=debian
ARG TAG
FROM ${BASE}:${TAG:-12} AS first
ARG BASE
RUN echo $BASE $UNSET ${A:-b}
ENV HOME=/root NAME="$BASE"
WORKDIR ${HOME}/x
FROM first
COPY --from=first $NAME /x
USER $NAME
