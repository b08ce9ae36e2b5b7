FROM debian:12
RUN echo "sudo is not needed" && printf 'sudo'
