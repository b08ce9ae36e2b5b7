ARG BASE=debian
ARG OTHER=debian:latest
ARG UNKNOWN
FROM $BASE AS one
ARG FILE
RUN yes | apt-get install x
RUN echo x | sort
ADD $FILE /x
COPY a b $FILE
RUN sudo apt-get install curl
CMD ['a']
FROM ${OTHER} AS two
COPY --from=three /a /b
FROM ${UNKNOWN:-debian:12} AS three
FROM scratch
COPY --from=one / /
