FROM debian:12
RUN sudo apt-get update
RUN ls && sudo -E make install
RUN if true; then sudo ls; fi
