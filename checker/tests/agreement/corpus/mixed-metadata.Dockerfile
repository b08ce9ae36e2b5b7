FROM debian:12
LABEL a=b c="d e" \
      f='g'
EXPOSE $PORT
EXPOSE 80/sctp 60-70
STOPSIGNAL SIGTERM
HEALTHCHECK NONE
VOLUME ["/data"]
SHELL ["/bin/bash", "-c"]
CMD echo hi
