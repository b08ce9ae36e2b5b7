FROM debian:12
COPY secret.txt /x/
COPY logs/a.log notes.md /y/
ADD secret.txt /z/
