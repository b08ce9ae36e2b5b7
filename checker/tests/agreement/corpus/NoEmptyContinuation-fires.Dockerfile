FROM debian:12
RUN a && \

    b
RUN c && \
    # a remark does no harm

    d
