FROM debian:12 AS a
COPY src /src
COPY keep.log /x/
FROM debian:12
COPY --from=a secret.txt /x/
