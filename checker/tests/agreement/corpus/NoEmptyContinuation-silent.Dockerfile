FROM debian:12
RUN a && \
    # a remark does no harm
    b
