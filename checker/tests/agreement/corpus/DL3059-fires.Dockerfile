FROM debian:12
RUN make one
RUN make two
