FROM debian:12
RUN apt-get install curl
RUN cd /x \
    && sudo y
CMD a b
