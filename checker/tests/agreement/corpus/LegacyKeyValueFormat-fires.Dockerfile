FROM debian:12
ENV MODE study
LABEL team board
ENV A b c \
  d
