# check=skip=JSONArgsRecommended
# hadolint global ignore=DL3006
FROM debian
# hadolint ignore=DL3004,DL3003
RUN sudo ls && cd /x
RUN sudo ls
CMD a
MAINTAINER me
