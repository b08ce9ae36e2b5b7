FROM debian:12
ENV MODE=study
LABEL team=board other="a b"
